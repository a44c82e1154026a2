using System.Buffers;
using LambdaStreamer.EventStream;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Relay;

/// <summary>
/// The payload parts of one answer, in order. Owns the response and the receive buffer. Where a part ends means nothing: it may cut an
/// event, a line or a character (one part can hold several events, or half of one). Allocates nothing per part.
/// </summary>
public sealed class PayloadPartReader(EndpointResponse response) : IDisposable
{
    /// <summary>One read takes at most this much; a burst of tokens then still becomes a few large writes.</summary>
    private const int ReadLength = 32 * 1024;

    /// <summary>
    /// A frame may announce 24 MiB. Room is made as its bytes come and not for the announcement, which costs a peer twelve bytes.
    /// </summary>
    private const int MaxReadLength = 256 * 1024;

    private readonly ByteBuffer _received = new(ReadLength);
    private FrameDecoder _decoder;
    private int _consumedNext;

    /// <summary>Set after <see cref="TryRead"/> or <see cref="End"/> said <see cref="OperationStatus.InvalidData"/>.</summary>
    public RelayError? Error { get; private set; }

    /// <summary>Waits for the next bytes. False: the body ended.</summary>
    /// <exception cref="SageMakerException">The connection broke or fell silent.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        DropHandedOut();
        var missing = Math.Clamp(_decoder.RequiredLength - _received.Length, ReadLength, MaxReadLength);
        var length = await response.ReadAsync(_received.GetMemory(missing), cancellationToken).ConfigureAwait(false);
        _received.Advance(length);
        return length > 0;
    }

    /// <summary>
    /// The next part of what was read; valid until the next call of this or <see cref="ReadAsync"/>. Parts that came before a failure are
    /// handed out before it. Events of a type that the service may add one day are passed over.
    /// </summary>
    public OperationStatus TryRead(out ReadOnlySpan<byte> part)
    {
        part = default;
        while (true)
        {
            DropHandedOut();
            var status = _decoder.Read(_received.Unread, out var frame, out var consumed);
            if (status != OperationStatus.Done)
            {
                Error ??= status == OperationStatus.InvalidData ? StreamErrors.Of(_decoder.Error) : null;
                return status;
            }

            _consumedNext = consumed;
            if (frame.Kind != FrameKind.Event)
            {
                Error = StreamErrors.Of(frame);
                return OperationStatus.InvalidData;
            }

            if (frame.EventType.SequenceEqual("PayloadPart"u8))
            {
                part = frame.Payload;
                return OperationStatus.Done;
            }
        }
    }

    /// <summary>The body ended: <c>InvalidData</c> when that was inside a frame.</summary>
    public OperationStatus End()
    {
        DropHandedOut();
        var status = _decoder.End(_received.Unread);
        Error ??= status == OperationStatus.InvalidData ? StreamErrors.Of(_decoder.Error) : null;
        return status;
    }

    public void Dispose()
    {
        response.Dispose();
        _received.Dispose();
    }

    private void DropHandedOut()
    {
        _received.Consume(_consumedNext);
        _consumedNext = 0;
    }
}
