namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// The HTTP request that a Function URL turned into an event. Owns the body's bytes, base64 already undone.
/// </summary>
public sealed class HttpRequest : IDisposable
{
    internal ByteBuffer BodyBuffer { get; } = new();

    public string Method { get; internal set; } = "GET";

    /// <summary>The path as sent, still percent-encoded, without the query.</summary>
    public string Path { get; internal set; } = "/";

    /// <summary>The query as sent, without the question mark.</summary>
    public string Query { get; internal set; } = "";

    /// <summary>Repeated headers come comma-joined. Names compare without regard to case, which the event does not promise.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ReadOnlyMemory<byte> Body => BodyBuffer.UnreadMemory;

    /// <summary>The value of a header; null when absent or empty.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public void Dispose() => BodyBuffer.Dispose();
}
