using System.Net;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// A request's body that tells when a connection is at hand: HttpClient begins to write a body only then, be the connection new or pooled.
/// </summary>
internal sealed class EndpointBody(ReadOnlyMemory<byte> bytes, TimeProvider timeProvider, Action connected) : HttpContent
{
    private long _reachedAt;
    private volatile bool _isReached;

    /// <summary>How long ago the request had its connection; null while it has none, and then nothing of it was sent.</summary>
    public TimeSpan? SinceConnected => _isReached ? timeProvider.GetElapsedTime(_reachedAt) : null;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _reachedAt = timeProvider.GetTimestamp();
        _isReached = true;
        connected();
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
