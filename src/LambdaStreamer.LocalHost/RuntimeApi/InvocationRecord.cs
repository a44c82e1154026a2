namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// What the Runtime API saw of one invocation up to the moment of the snapshot. Sizes are bytes; sizes beyond the first
/// 65,536 of a list are counted but not kept.
/// </summary>
public sealed record InvocationRecord
{
    public required string RequestId { get; init; }

    /// <summary>Null while it runs.</summary>
    public InvocationOutcome? Outcome { get; init; }

    /// <summary>Which of the three answers the runtime gave, if any.</summary>
    public ResponseKind Response { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Payload size of each chunk, the last empty one not among them.</summary>
    public IReadOnlyList<int> ChunkSizes { get; init; } = [];

    public int ChunkCount { get; init; }

    /// <summary>What each socket read brought while the response came in, framing included; the first may hold the request head.</summary>
    public IReadOnlyList<int> ReadSizes { get; init; } = [];

    public int ReadCount { get; init; }

    /// <summary>Payload bytes, prelude and delimiter included.</summary>
    public long PayloadBytes { get; init; }

    public Prelude? Prelude { get; init; }

    /// <summary>True when the first chunk was exactly the prelude and its delimiter.</summary>
    public bool PreludeInOwnChunk { get; init; }

    public IReadOnlyList<HeaderField> Trailers { get; init; } = [];

    /// <summary>
    /// TCP segments with data that arrived on the response's connection since its request head, that head's among them: the peer's
    /// socket writes as long as each fits a segment and TCP_NODELAY is set. A retransmission counts again, so on a busy machine the least
    /// of a few runs is the figure. Null where the system does not tell.
    /// </summary>
    public int? DataSegments { get; init; }

    /// <summary>Whether the caller hung up before the end. The function is not told.</summary>
    public bool CallerDisconnected { get; init; }

    public IReadOnlyList<Violation> Violations { get; init; } = [];
}

/// <summary>How the runtime answered an event.</summary>
public enum ResponseKind
{
    None,
    Buffered,
    Streamed,
    Error,
}
