namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>The ways in which real answers to GET /next differ from each other; a runtime must read them all.</summary>
public sealed record NextVariation
{
    public static NextVariation Default { get; } = new();

    /// <summary>What happens to every header but request id and deadline.</summary>
    public OptionalHeaders OptionalHeaders { get; init; }

    /// <summary>Sends the event chunked, as the runtime interface emulator may, instead of with a Content-Length.</summary>
    public bool ChunkedEvent { get; init; }
}

/// <summary>On-demand Lambda omits a header without a value, managed instances send it empty.</summary>
public enum OptionalHeaders
{
    /// <summary>Headers that have a value are there.</summary>
    Sent,

    /// <summary>None is there.</summary>
    Omitted,

    /// <summary>All are there with an empty value.</summary>
    Empty,

    /// <summary>All are there; empty is what has no value.</summary>
    SentOrEmpty,
}
