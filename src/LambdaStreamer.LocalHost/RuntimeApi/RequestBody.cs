using System.Buffers;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>Reads the body of one request, chunked or of known length, one socket read at a time.</summary>
internal sealed class RequestBody(RequestHead head, SocketBuffer buffer)
{
    private readonly ArrayBufferWriter<byte> _payload = new();
    private long _left = head.ContentLength;

    /// <summary>Null for a body of known length.</summary>
    public ChunkedBody? Chunks { get; } = head.IsChunked ? new ChunkedBody() : null;

    /// <summary>What the last read brought, framing taken off; valid until the next.</summary>
    public ReadOnlyMemory<byte> Payload => _payload.WrittenMemory;

    /// <summary>Bytes of the last read, framing included.</summary>
    public int ReadLength { get; private set; }

    /// <summary>Decodes what is buffered or, with nothing buffered, what one socket read brings.</summary>
    public async ValueTask<BodyStatus> ReadAsync()
    {
        _payload.ResetWrittenCount();
        ReadLength = buffer.Unread.Length;
        if (Chunks is null && _left == 0)
        {
            ReadLength = 0;
            return BodyStatus.Done;
        }

        if (ReadLength == 0)
        {
            ReadLength = await buffer.ReadAsync().ConfigureAwait(false);
            if (ReadLength == 0)
            {
                return BodyStatus.Truncated;
            }
        }

        return Chunks is null ? TakePlain() : TakeChunked(Chunks);
    }

    /// <summary>The whole body; TooLong once it grows over <paramref name="limit"/> bytes, without reading the rest.</summary>
    public async ValueTask<(BodyStatus Status, byte[] Bytes)> ReadToEndAsync(long limit, Action<RequestBody>? observe = null)
    {
        if (_left > limit)
        {
            return (BodyStatus.TooLong, []);
        }

        var whole = new ArrayBufferWriter<byte>();
        while (true)
        {
            var status = await ReadAsync().ConfigureAwait(false);
            observe?.Invoke(this);
            whole.Write(Payload.Span);
            if (whole.WrittenCount > limit)
            {
                return (BodyStatus.TooLong, []);
            }

            if (status != BodyStatus.More)
            {
                return (status, whole.WrittenSpan.ToArray());
            }
        }
    }

    private BodyStatus TakePlain()
    {
        var taken = (int)Math.Min(_left, buffer.Unread.Length);
        _payload.Write(buffer.Unread[..taken]);
        buffer.Consume(taken);
        _left -= taken;
        return _left == 0 ? BodyStatus.Done : BodyStatus.More;
    }

    private BodyStatus TakeChunked(ChunkedBody chunks)
    {
        var status = chunks.Decode(buffer.Unread, _payload, out var consumed);
        buffer.Consume(consumed);
        return status switch
        {
            OperationStatus.Done => BodyStatus.Done,
            OperationStatus.NeedMoreData => BodyStatus.More,
            _ => BodyStatus.Malformed,
        };
    }
}

/// <summary>Where a body stands after a read.</summary>
internal enum BodyStatus
{
    More,
    Done,

    /// <summary>The chunk framing is broken; <see cref="ChunkedBody.Problem"/> says how.</summary>
    Malformed,

    /// <summary>The connection ended first.</summary>
    Truncated,
    TooLong,
}
