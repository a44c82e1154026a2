namespace LambdaStreamer.Tokens;

/// <summary>
/// What is known about a stream's size and end. The container's own figures win; where it tells none, tokens are counted here.
/// </summary>
public struct Usage
{
    private int? _toldGeneratedTokens;

    /// <summary>Tokens seen on the stream, special ones and those with empty text included, as containers count them.</summary>
    public int CountedTokens { get; private set; }

    public readonly int GeneratedTokens => _toldGeneratedTokens ?? CountedTokens;

    /// <summary>True when <see cref="GeneratedTokens"/> is the relay's count and not the container's.</summary>
    public readonly bool IsCounted => _toldGeneratedTokens is null;

    public int? InputTokens { get; private set; }

    public ulong? Seed { get; private set; }

    public FinishReason FinishReason { get; private set; }

    /// <summary>The container's end marker was seen.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The dialect has no end marker: a body that ended properly is a complete answer.</summary>
    public bool IsEndedByBody { get; private set; }

    public void Add(in Token token)
    {
        CountedTokens += token.Count;
        IsComplete |= token.IsLast;
        IsEndedByBody |= token.IsEndedByBody;
        _toldGeneratedTokens = token.GeneratedTokens ?? _toldGeneratedTokens;
        InputTokens = token.InputTokens ?? InputTokens;
        Seed = token.Seed ?? Seed;
        if (token.FinishReason != FinishReason.Unknown)
        {
            FinishReason = token.FinishReason;
        }
    }

    /// <summary>The relay itself ended the answer, by the caller's own rule.</summary>
    public void EndBy(FinishReason reason) => FinishReason = reason;
}
