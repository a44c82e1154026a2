using System.Text.Json;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A generate request. What TGI's HTTP layer refuses (media type, size, JSON, shape) throws while it is read; what its validation refuses
/// throws from <see cref="Validate"/>. Messages are TGI's own, without the line and column its JSON reader appends.
/// </summary>
internal sealed record TgiRequest(string Inputs, TgiParameters Parameters, bool Stream)
{
    /// <summary>The request has OpenAI's completions form (<c>prompt</c>), and so has the answer.</summary>
    public bool IsCompletions { get; private init; }

    // The limit axum sets when an application sets none.
    private const int MaxBodyLength = 2_097_152;

    private const int MaxStopSequences = 4;
    private const int MaxTopNTokens = 5;
    private const int MaxBestOf = 2;

    // TGI takes four by default and mixes their answers into one stream; the twin plays one.
    private const int MaxPrompts = 1;

    private static readonly Version BodyDecidesRoute = new(2, 4, 0);

    public static TgiRequest Read(ContainerRequest request, Version version)
    {
        var mediaType = request.ContentType?.Split(';')[0].Trim();
        if (mediaType is null || !(mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (mediaType.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
                && mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase))))
        {
            throw new TgiException(415, null, "Expected request with `Content-Type: application/json`");
        }

        if (request.Body.Length > MaxBodyLength)
        {
            throw new TgiException(413, null, "Failed to buffer the request body: length limit exceeded");
        }

        try
        {
            // A byte order mark is bad JSON to this parser as it is to TGI's.
            using var json = JsonDocument.Parse(request.Body);
            return Read(json.RootElement, version);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The latter comes from strings that are no UTF-8, or hold half a surrogate pair.
            throw new TgiException(400, null, $"Failed to parse the request body as JSON: {malformed.Message}");
        }
    }

    /// <summary>Number of tokens that the prompt counts for.</summary>
    public int InputLength(JumpStartModel model)
    {
        var length = Tokenizer.InputLength(model, Inputs);
        return Parameters.Truncate is { } truncate ? (int)Math.Min((ulong)length, truncate) : length;
    }

    /// <summary>TGI's checks in TGI's order, so that a request with two mistakes gets the message that TGI would give.</summary>
    public void Validate(JumpStartModel model)
    {
        var bestOf = Parameters.BestOf ?? 1;
        Require(!Stream || bestOf == 1, "`best_of` != 1 is not supported when streaming tokens");
        Require(!Stream || !Parameters.DecoderInputDetails, "`decoder_input_details` == true is not supported when streaming tokens");
        Require(bestOf <= MaxBestOf, $"`best_of` must be > 0 and <= {MaxBestOf}. Given: {bestOf}");
        Require(bestOf <= 1 || Parameters.Samples, "you must use sampling when `best_of` is > 1");
        Require(Parameters.Temperature is null or > 0, "`temperature` must be strictly positive");
        Require(Parameters.RepetitionPenalty is null or > 0, "`repetition_penalty` must be strictly positive");
        Require(Parameters.FrequencyPenalty is null or (>= -2 and <= 2), "`frequency_penalty` must be >= -2.0 and <= 2.0");
        Require(Parameters.TopP is null or (> 0 and < 1), "`top_p` must be > 0.0 and < 1.0");
        Require(Parameters.TypicalP is null or (> 0 and < 1), "`typical_p` must be > 0.0 and < 1.0");
        Require(Parameters.TopK is null or > 0, "`top_k` must be strictly positive");
        Require(Parameters.MaxNewTokens > 0, "`max_new_tokens` must be strictly positive");

        var stops = Parameters.Stop.Count;
        Require(stops <= MaxStopSequences, $"`stop` supports up to {MaxStopSequences} stop sequences. Given: {stops}");
        Require(bestOf <= 1 || Parameters.Seed is null, "`seed` must not be set when `best_of` > 1");

        var topN = Parameters.TopNTokens;
        Require(topN <= MaxTopNTokens, $"`top_n_tokens` must be >= 0 and <= {MaxTopNTokens}. Given: {topN}");
        Require(Inputs.Length > 0, "`inputs` cannot be empty");
        Require(
            Parameters.Truncate is null || (Parameters.Truncate > 0 && Parameters.Truncate <= (ulong)model.MaxInputTokens),
            $"`truncate` must be strictly positive and less than {model.MaxInputTokens}. Given: {Parameters.Truncate}");

        var (input, added) = (InputLength(model), Parameters.MaxNewTokens);
        Require(
            input + added <= model.MaxTotalTokens,
            $"`inputs` tokens + `max_new_tokens` must be <= {model.MaxTotalTokens}. "
                + $"Given: {input} `inputs` tokens and {added} `max_new_tokens`");
        Require(input <= model.MaxInputTokens, $"`inputs` must have less than {model.MaxInputTokens} tokens. Given: {input}");

        // The message of a TGI that was started without grammars: canned texts follow none.
        Require(!Parameters.HasGrammar, "grammar is not supported");
    }

    private static TgiRequest Read(JsonElement json, Version version)
    {
        var inputs = Member(json, "inputs");
        if (inputs is null && Member(json, "messages") is not null && version >= BodyDecidesRoute)
        {
            // None of the ten models has a chat template that TGI could find.
            throw new TgiException(422, "template_error", "Template error: template not found");
        }

        if (inputs is null && version >= BodyDecidesRoute && Member(json, "prompt") is { } prompt)
        {
            return ReadCompletions(json, prompt, version);
        }

        if (inputs is not { ValueKind: JsonValueKind.String } text)
        {
            throw WrongShape(version, inputs is null ? "missing field `inputs`" : "inputs: invalid type, expected a string");
        }

        var stream = Member(json, "stream");
        if (stream is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            throw WrongShape(version, "stream: invalid type, expected a boolean");
        }

        var parameters = Member(json, "parameters");
        if (parameters is { ValueKind: not JsonValueKind.Object })
        {
            throw WrongShape(version, "parameters: invalid type, expected struct GenerateParameters");
        }

        return new TgiRequest(
            text.GetString()!,
            parameters is { } given ? TgiParameters.Read(given) : TgiParameters.WhenAbsent,
            stream?.GetBoolean() ?? false);
    }

    private static TgiRequest ReadCompletions(JsonElement json, JsonElement prompt, Version version)
    {
        var texts = prompt.ValueKind is JsonValueKind.Array ? [.. prompt.EnumerateArray()] : new[] { prompt };
        var stream = Member(json, "stream");
        if (!texts.All(text => text.ValueKind is JsonValueKind.String)
            || stream is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            throw WrongShape(version, "prompt");
        }

        if (Member(json, "suffix") is { ValueKind: not JsonValueKind.Null })
        {
            throw new TgiException(
                422, "suffix not supported", "Suffix is not supported and can be achieved by preprocessing the prompt.");
        }

        if (texts.Length != MaxPrompts)
        {
            throw new TgiException(
                422, "batch size exceeded", $"Number of prompts exceeds the maximum allowed batch size of {MaxPrompts}");
        }

        try
        {
            return new TgiRequest(texts[0].GetString()!, TgiParameters.ReadCompletions(json), stream?.GetBoolean() ?? false)
            {
                IsCompletions = true,
            };
        }
        catch (TgiException shape) when (shape.ErrorType is null)
        {
            throw WrongShape(version, shape.Message);
        }
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    // Once the body decides the route, the reader can only say that no route fits.
    private static TgiException WrongShape(Version version, string reason) => new(
        422,
        null,
        "Failed to deserialize the JSON body into the target type: "
            + (version >= BodyDecidesRoute ? "data did not match any variant of untagged enum SagemakerRequest" : reason));

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw TgiException.Validation(otherwise);
        }
    }
}
