namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>A request as it arrived, and what became of it. Safe to read from any thread.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource<InvocationEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _tokensSent;

    internal RecordedRequest(string method, string path, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body)
    {
        Method = method;
        Path = path;
        Headers = headers;
        Body = body;
    }

    public string Method { get; }

    /// <summary>The request target as it stood on the request line, query included.</summary>
    public string Path { get; }

    /// <summary>Names compare without case; several values of one name are joined by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    public ReadOnlyMemory<byte> Body { get; }

    public SignatureVerdict Signature { get; internal set; } = SignatureVerdict.Valid;

    /// <summary>Events with a token that were handed to the connection; for an upstream, reads.</summary>
    public int TokensSent => Volatile.Read(ref _tokensSent);

    /// <summary>Completes when the twin is done with the request.</summary>
    public Task<InvocationEnd> End => _end.Task;

    internal void CountToken() => Interlocked.Increment(ref _tokensSent);

    internal void Finish(InvocationEnd end) => _end.TrySetResult(end);
}
