using System.Net;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// A request's body that tells when a connection is at hand: HttpClient begins to write a body only then, be the connection new or pooled.
/// </summary>
internal sealed class EndpointBody(ReadOnlyMemory<byte> bytes, Action connected) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
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
