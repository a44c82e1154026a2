using System.Text.Json;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A generate request as LMI takes it: TGI's shape, read with LMI's defaults. Members it does not know are ignored, null is as good as
/// absent. That a mistake gets status 400 and which words it gets are unconfirmed: the words are the twin's own.
/// </summary>
internal sealed record LmiRequest
{
    public required string Inputs { get; init; }

    public int MaxNewTokens { get; private init; } = JumpStartModel.LmiDefaultMaxNewTokens;

    /// <summary>None of them is empty.</summary>
    public IReadOnlyList<string> Stop { get; private init; } = [];

    public ulong? Seed { get; private init; }

    /// <summary>Whether the whole text starts with the prompt; false by default, unlike TGI's.</summary>
    public bool ReturnFullText { get; private init; }

    public bool Details { get; private init; }

    public bool Stream { get; private init; }

    /// <exception cref="LmiException">No JSON object with <c>inputs</c>, a member of another type, or more tokens than fit.</exception>
    public static LmiRequest Read(ReadOnlyMemory<byte> body, JumpStartModel model)
    {
        LmiRequest request;
        try
        {
            using var json = JsonDocument.Parse(body);
            request = Read(json.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The latter comes from strings that are no UTF-8, or hold half a surrogate pair.
            throw new LmiException($"The body is not JSON: {malformed.Message}");
        }

        var total = (long)Tokenizer.InputLength(model, request.Inputs) + request.MaxNewTokens;
        Require(total <= model.MaxTotalTokens, $"The prompt and max_new_tokens take {total} tokens; at most {model.MaxTotalTokens} fit");
        return request;
    }

    private static LmiRequest Read(JsonElement json)
    {
        Require(json.ValueKind is JsonValueKind.Object, "The body must be an object");
        var inputs = Member(json, "inputs");
        Require(inputs is { ValueKind: JsonValueKind.String }, "inputs must be a string");
        var parameters = Member(json, "parameters") ?? default;
        Require(parameters.ValueKind is JsonValueKind.Object or JsonValueKind.Undefined, "parameters must be an object");
        return new LmiRequest
        {
            Inputs = inputs!.Value.GetString()!,
            Stream = Boolean(json, "stream"),
            MaxNewTokens = ReadMaxNewTokens(parameters),
            Stop = ReadStop(parameters),
            Seed = ReadSeed(parameters),
            ReturnFullText = Boolean(parameters, "return_full_text"),
            Details = Boolean(parameters, "details"),
        };
    }

    private static int ReadMaxNewTokens(JsonElement parameters)
    {
        if (Member(parameters, "max_new_tokens") is not { } value)
        {
            return JumpStartModel.LmiDefaultMaxNewTokens;
        }

        var number = 0;
        Require(
            value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out number) && number > 0,
            "max_new_tokens must be a whole number above 0");
        return number;
    }

    private static ulong? ReadSeed(JsonElement parameters)
    {
        if (Member(parameters, "seed") is not { } value)
        {
            return null;
        }

        var number = 0ul;
        Require(value.ValueKind is JsonValueKind.Number && value.TryGetUInt64(out number), "seed must be a whole number from 0");
        return number;
    }

    // vLLM takes one sequence as well as a list.
    private static string[] ReadStop(JsonElement parameters)
    {
        var sequences = Member(parameters, "stop") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().ToArray(),
            { } one => [one],
        };
        Require(
            sequences.All(sequence => sequence.ValueKind is JsonValueKind.String && sequence.GetString() is not ""),
            "stop must be a string or a list of strings, none of them empty");
        return [.. sequences.Select(sequence => sequence.GetString()!)];
    }

    private static bool Boolean(JsonElement json, string name)
    {
        var value = Member(json, name) ?? default;
        Require(
            value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Undefined, $"{name} must be true or false");
        return value.ValueKind is JsonValueKind.True;
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null
            ? value
            : null;

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new LmiException($"{otherwise}.");
        }
    }
}
