using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// Reads one HTTP/1.1 response (RFC 9112) from bytes that arrive in pieces; no I/O. The head is parsed when it is whole; the body, sized,
/// chunked or ended by the connection's end, is appended to the caller's buffer as it comes. One parser reads many responses, one after the
/// other.
/// </summary>
internal sealed class HttpResponseParser
{
    /// <summary>64 KiB; Lambda's largest header, the client context, is about 5 KB.</summary>
    public const int MaxHeadLength = 64 * 1024;

    /// <summary>Of a chunk's size with its extensions, or of a trailer; Lambda sends neither.</summary>
    private const int MaxLineLength = 256;

    private readonly List<KeyValuePair<string, string>> _headers = [];
    private readonly int _maxBodyLength;
    private State _state;
    private long _remaining;

    public HttpResponseParser(int maxBodyLength) => _maxBodyLength = maxBodyLength;

    private enum State
    {
        Head,
        SizedBody,
        ChunkSize,
        ChunkData,
        ChunkEnd,
        Trailers,
        BodyUntilClose,
        Done,
    }

    public int Status { get; private set; }

    /// <summary>The server closes the connection behind this response (or speaks HTTP/1.0).</summary>
    public bool ClosesConnection { get; private set; }

    public bool IsComplete => _state == State.Done;

    /// <summary>Nothing of a response has been read yet.</summary>
    public bool IsAtStart => _state == State.Head;

    /// <summary>The value of a header; null when absent or empty.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _headers)
            {
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return value.Length == 0 ? null : value;
                }
            }

            return null;
        }
    }

    public void Reset()
    {
        _state = State.Head;
        _headers.Clear();
        Status = 0;
        ClosesConnection = false;
    }

    /// <summary>
    /// Takes what it can out of <paramref name="received"/>. <c>Done</c>: the response is whole. <c>NeedMoreData</c>: read on.
    /// <c>InvalidData</c>: not HTTP, or over a cap.
    /// </summary>
    public OperationStatus Read(ByteBuffer received, ByteBuffer body)
    {
        while (true)
        {
            var status = _state switch
            {
                State.Head => ReadHead(received),
                State.SizedBody or State.ChunkData or State.BodyUntilClose => ReadBody(received, body),
                State.ChunkSize => ReadChunkSize(received),
                State.ChunkEnd => ReadChunkEnd(received),
                State.Trailers => ReadTrailers(received),
                _ => OperationStatus.Done,
            };
            if (status != OperationStatus.Done || _state == State.Done)
            {
                return status;
            }
        }
    }

    /// <summary>The peer closed the connection: true when that is how this body ends.</summary>
    public bool TryEndByClose()
    {
        if (_state != State.BodyUntilClose)
        {
            return false;
        }

        _state = State.Done;
        return true;
    }

    private OperationStatus ReadHead(ByteBuffer received)
    {
        var headLength = received.Unread.IndexOf("\r\n\r\n"u8);
        if (headLength < 0)
        {
            return received.Length > MaxHeadLength ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        }

        // Header values may be UTF-8 (a client context with any name in it); ASCII and Latin-1 readers garble them.
        var lines = Encoding.UTF8.GetString(received.Unread[..headLength]).Split("\r\n");
        received.Consume(headLength + 4);
        if (!TryParseStatusLine(lines[0]))
        {
            return OperationStatus.InvalidData;
        }

        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                return OperationStatus.InvalidData;
            }

            _headers.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        ClosesConnection |= string.Equals(this["Connection"], "close", StringComparison.OrdinalIgnoreCase);
        return ChooseBody();
    }

    private bool TryParseStatusLine(string line)
    {
        // status-line = HTTP-version SP status-code SP [ reason-phrase ]
        if (line.Length < 12 || !line.StartsWith("HTTP/1.", StringComparison.Ordinal) || line[8] != ' '
            || !int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return false;
        }

        Status = status;
        ClosesConnection = line[7] == '0';
        return true;
    }

    private OperationStatus ChooseBody()
    {
        if (string.Equals(this["Transfer-Encoding"], "chunked", StringComparison.OrdinalIgnoreCase))
        {
            _state = State.ChunkSize;
            return OperationStatus.Done;
        }

        if (this["Content-Length"] is { } contentLength)
        {
            if (!long.TryParse(contentLength, NumberStyles.None, CultureInfo.InvariantCulture, out _remaining)
                || _remaining > _maxBodyLength)
            {
                return OperationStatus.InvalidData;
            }

            _state = _remaining == 0 ? State.Done : State.SizedBody;
            return OperationStatus.Done;
        }

        if (Status is 204 or 304)
        {
            _state = State.Done;
            return OperationStatus.Done;
        }

        ClosesConnection = true;
        _remaining = long.MaxValue;
        _state = State.BodyUntilClose;
        return OperationStatus.Done;
    }

    private OperationStatus ReadBody(ByteBuffer received, ByteBuffer body)
    {
        var length = (int)Math.Min(received.Length, _remaining);
        if (length > _maxBodyLength - body.Length)
        {
            return OperationStatus.InvalidData;
        }

        body.Append(received.Unread[..length]);
        received.Consume(length);
        _remaining -= length;
        if (_remaining > 0)
        {
            return OperationStatus.NeedMoreData;
        }

        _state = _state == State.ChunkData ? State.ChunkEnd : State.Done;
        return OperationStatus.Done;
    }

    private OperationStatus ReadChunkSize(ByteBuffer received)
    {
        if (!TryTakeLine(received, out var line, out var status))
        {
            return status;
        }

        // chunk-size = 1*HEXDIG, possibly followed by extensions, which are ignored.
        if (!Utf8Parser.TryParse(line, out uint size, out var digits, 'X')
            || (digits < line.Length && line[digits] is not ((byte)';' or (byte)' ' or (byte)'\t')))
        {
            return OperationStatus.InvalidData;
        }

        _remaining = size;
        _state = size == 0 ? State.Trailers : State.ChunkData;
        return OperationStatus.Done;
    }

    private OperationStatus ReadChunkEnd(ByteBuffer received)
    {
        if (!TryTakeLine(received, out var line, out var status))
        {
            return status;
        }

        _state = State.ChunkSize;
        return line.IsEmpty ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    private OperationStatus ReadTrailers(ByteBuffer received)
    {
        OperationStatus status;
        while (TryTakeLine(received, out var line, out status))
        {
            if (line.IsEmpty)
            {
                _state = State.Done;
                return OperationStatus.Done;
            }
        }

        return status;
    }

    private static bool TryTakeLine(ByteBuffer received, out ReadOnlySpan<byte> line, out OperationStatus status)
    {
        var unread = received.Unread;
        var length = unread.IndexOf("\r\n"u8);
        if (length < 0)
        {
            line = default;
            status = unread.Length > MaxLineLength ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
            return false;
        }

        // The span stays readable behind Consume: nothing is appended before the caller has looked at it.
        line = unread[..length];
        received.Consume(length + 2);
        status = OperationStatus.Done;
        return true;
    }
}
