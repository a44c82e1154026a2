namespace LambdaStreamer.Tokens;

/// <summary>One of the tokens the model thought likeliest at a position. Spans are valid until the next line is read.</summary>
public readonly ref struct TopToken
{
    /// <summary>Null when the dialect tells none (OpenAI's).</summary>
    public long? Id { get; init; }

    /// <summary>UTF-8, unescaped.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>A JSON number; natural logarithm; empty when not told.</summary>
    public ReadOnlySpan<byte> Logprob { get; init; }

    public bool IsSpecial { get; init; }
}
