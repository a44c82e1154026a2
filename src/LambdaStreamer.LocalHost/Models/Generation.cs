using System.Text;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>One answer, token by token, ended the way the model's container ends it.</summary>
internal sealed record Generation(IReadOnlyList<GeneratedToken> Tokens, string Text, FinishReason FinishReason)
{
    /// <summary>How many tokens the container counts: those a client sees, and vLLM's end token, which none sees.</summary>
    public int GeneratedTokens => Tokens.Count + (HidesEndToken ? 1 : 0);

    /// <summary>The stop sequence that ended the answer; null when something else did.</summary>
    public string? MatchedStop { get; private init; }

    private bool HidesEndToken { get; init; }

    public static Generation Run(JumpStartModel model, string prompt, int maxNewTokens, IReadOnlyList<string> stop) =>
        Of(model, model.Texts.AnswerTo(prompt), maxNewTokens, stop);

    /// <summary>The answer that says <paramref name="text"/>.</summary>
    public static Generation Of(JumpStartModel model, string text, int maxNewTokens, IReadOnlyList<string> stop)
    {
        var answer = Detokenize(Tokenizer.Cut(model, text));
        return model.Container is ContainerKind.Tgi
            ? EndAsTgi(model, answer, maxNewTokens, stop)
            : EndAsVllm(answer, maxNewTokens, stop);
    }

    // After each token TGI looks first at the length, then for the end token, then for a stop sequence, which must end exactly where a
    // token ends and stays in the text.
    private static Generation EndAsTgi(
        JumpStartModel model, List<GeneratedToken> answer, int maxNewTokens, IReadOnlyList<string> stop)
    {
        var tokens = new List<GeneratedToken>();
        var text = new StringBuilder();
        foreach (var token in answer)
        {
            tokens.Add(token);
            text.Append(token.Text);
            if (tokens.Count >= maxNewTokens)
            {
                return new Generation(tokens, text.ToString(), FinishReason.Length);
            }

            if (token.Text.Length > 0 && stop.Count > 0 && EndsWithAny(text.ToString(), stop))
            {
                return new Generation(tokens, text.ToString(), FinishReason.StopSequence);
            }
        }

        tokens.Add(new GeneratedToken(model.EosId, model.EosText, Special: true));
        var reason = tokens.Count >= maxNewTokens ? FinishReason.Length : FinishReason.EosToken;
        return new Generation(tokens, text.ToString(), reason);
    }

    // vLLM finds a stop sequence wherever it stands, before it looks at the length, and leaves it out of the text. So that no part of one
    // leaves early, as many characters as could be its beginning are held back: a token's text may come with a later token.
    private static Generation EndAsVllm(List<GeneratedToken> answer, int maxNewTokens, IReadOnlyList<string> stop)
    {
        var heldBack = Math.Max(0, stop.Select(sequence => sequence.Length).DefaultIfEmpty().Max() - 1);
        var tokens = new List<GeneratedToken>();
        var text = "";
        var released = 0;
        foreach (var token in answer)
        {
            text += token.Text;
            if (FirstIn(text, stop) is { } matched)
            {
                var at = text.IndexOf(matched, StringComparison.Ordinal);
                Release(token, at);
                return new Generation(tokens, text[..at], FinishReason.StopSequence) { MatchedStop = matched };
            }

            var isLast = tokens.Count + 1 == Math.Min(maxNewTokens, answer.Count);
            Release(token, isLast ? text.Length : Math.Max(released, text.Length - heldBack));
            if (tokens.Count == maxNewTokens)
            {
                return new Generation(tokens, text, FinishReason.Length);
            }
        }

        return new Generation(tokens, text, FinishReason.EosToken) { HidesEndToken = true };

        void Release(GeneratedToken token, int end)
        {
            tokens.Add(token with { Text = text[released..end] });
            released = end;
        }
    }

    private static bool EndsWithAny(string text, IReadOnlyList<string> stop) =>
        stop.Any(sequence => sequence.Length > 0 && text.EndsWith(sequence, StringComparison.Ordinal));

    // Of two that a token completes, the one that the request names first counts.
    private static string? FirstIn(string text, IReadOnlyList<string> stop) =>
        stop.FirstOrDefault(sequence => sequence.Length > 0 && text.Contains(sequence, StringComparison.Ordinal));

    private static List<GeneratedToken> Detokenize(IReadOnlyList<TokenPiece> pieces)
    {
        var character = new List<byte>();
        var tokens = new List<GeneratedToken>(pieces.Count);
        foreach (var piece in pieces)
        {
            character.AddRange(piece.Utf8.Span);
            tokens.Add(new GeneratedToken(piece.Id, TakeWholeCharacters(character), Special: false));
        }

        return tokens;
    }

    private static string TakeWholeCharacters(List<byte> bytes)
    {
        // Pieces are whole characters or single bytes of one, so the first byte alone tells how many are still to come.
        var expected = bytes[0] switch { >= 0xf0 => 4, >= 0xe0 => 3, >= 0xc0 => 2, _ => 1 };
        if (bytes.Count < expected)
        {
            return "";
        }

        var text = Encoding.UTF8.GetString([.. bytes]);
        bytes.Clear();
        return text;
    }
}
