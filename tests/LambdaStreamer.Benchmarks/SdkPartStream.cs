using Amazon.Runtime.EventStreams.Internal;

namespace LambdaStreamer.Benchmarks;

/// <summary>The payload parts as AWSSDK.Core's decoder gives them, as a stream that a <see cref="StreamReader"/> can read.</summary>
internal sealed class SdkPartStream : Stream
{
    private readonly EventStreamDecoder _decoder = new();
    private readonly Queue<byte[]> _parts = new();
    private readonly IEnumerator<byte[]> _reads;
    private int _position;

    public SdkPartStream(byte[][] reads)
    {
        _reads = reads.AsEnumerable().GetEnumerator();
        _decoder.MessageReceived += (_, received) =>
        {
            var headers = received.Message.Headers;
            if (headers[":message-type"].AsString() == "event" && headers[":event-type"].AsString() == "PayloadPart")
            {
                _parts.Enqueue(received.Message.Payload);
            }
        };
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (_parts.Count == 0)
        {
            if (!_reads.MoveNext())
            {
                return 0;
            }

            _decoder.ProcessData(_reads.Current, 0, _reads.Current.Length);
        }

        var part = _parts.Peek();
        var length = Math.Min(part.Length - _position, buffer.Length);
        part.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        if (_position == part.Length)
        {
            _parts.Dequeue();
            _position = 0;
        }

        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        _reads.Dispose();
        base.Dispose(disposing);
    }
}
