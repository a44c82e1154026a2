using System.Globalization;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// One answer to a request in OpenAI's forms, token by token: reasoning if it is asked for, then words, JSON or the arguments of a tool.
/// Nothing in it is a container's wire form.
/// </summary>
internal sealed record OpenAIAnswer
{
    private const string ReasoningText = "The user wants to know how this is done. I will say it step by step.\n";

    public required OpenAIRequest Request { get; init; }

    public required IReadOnlyList<AnswerToken> Tokens { get; init; }

    public required FinishReason FinishReason { get; init; }

    /// <summary>The stop sequence that ended the answer; null when something else did.</summary>
    public string? MatchedStop { get; private init; }

    public required int PromptTokens { get; init; }

    /// <summary>With the end token, which is counted although nobody sees it.</summary>
    public required int CompletionTokens { get; init; }

    /// <summary>
    /// Fourteen hexadecimal digits that stand for request and seed, so that the same request gets the same bytes. A container puts a word
    /// of its own in front.
    /// </summary>
    public required string Id { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>OpenAI's word for the end: a tool that the request named itself ends with <c>stop</c>.</summary>
    public string FinishWord =>
        FinishReason is FinishReason.Length ? "length" : Request.Called is { IsNamed: false } ? "tool_calls" : "stop";

    public static OpenAIAnswer Of(
        JumpStartModel model, OpenAIRequest request, string prompt, int maxTokens, SageMakerTwinOptions options)
    {
        var tokens = new List<AnswerToken>();
        var seed = request.Seed ?? (ulong)(uint)options.Seed;
        var finished = request.Reasons ? Append(AnswerPart.Reasoning, ReasoningText, []) : null;
        if (finished?.FinishReason is not FinishReason.Length)
        {
            finished = request.Called is { } tool ? Append(AnswerPart.ToolArguments, tool.Arguments, [])
                : Append(AnswerPart.Content, request.JsonAnswer ?? model.Texts.AnswerTo(request.Question), request.Stop);
        }

        return new OpenAIAnswer
        {
            Request = request,
            Tokens = tokens,
            FinishReason = finished!.FinishReason,
            MatchedStop = finished.MatchedStop,
            PromptTokens = Tokenizer.InputLength(model, prompt),
            CompletionTokens = tokens.Count + finished.GeneratedTokens - finished.Tokens.Count,
            Id = IdOf(prompt, seed),
            Seed = seed,
        };

        Generation Append(AnswerPart part, string text, IReadOnlyList<string> stop)
        {
            var left = maxTokens - tokens.Count;
            var generation = left > 0
                ? Generation.Of(model, text, left, stop)
                : new Generation([], "", FinishReason.Length);
            var pieces = Tokenizer.Cut(model, text);
            tokens.AddRange(generation.Tokens.Take(pieces.Count).Zip(pieces, (token, piece) => new AnswerToken(part, token.Text, piece)));
            return generation;
        }
    }

    /// <summary>The text of one part, null when the answer has no such part.</summary>
    public string? TextOf(AnswerPart part) =>
        Tokens.Any(token => token.Part == part)
            ? string.Concat(Tokens.Where(token => token.Part == part).Select(token => token.Text))
            : null;

    /// <summary>The log probability of the token at <paramref name="position"/>.</summary>
    public float LogprobAt(int position) => Logprob.Of(Seed, position, Tokens[position].Piece.Id);

    /// <summary>The token itself and less likely ones, which are tokens of the same answer; each name once.</summary>
    public IEnumerable<(AnswerToken Token, float Logprob)> Alternatives(int position, int count) => Enumerable
        .Range(0, count)
        .Select(rank => (Tokens[(position + (rank * 7)) % Tokens.Count], MathF.Round(LogprobAt(position) - (rank * 1.25f), 4)))
        .DistinctBy(alternative => alternative.Item1.Name);

    // FNV-1a, 64 bits, of which 56 are told.
    private static string IdOf(string prompt, ulong seed)
    {
        var hash = unchecked(14695981039346656037 ^ seed);
        foreach (var character in prompt)
        {
            hash = unchecked((hash ^ character) * 1099511628211);
        }

        return (hash >> 8).ToString("x14", CultureInfo.InvariantCulture);
    }
}
