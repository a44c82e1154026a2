using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// One answer streamed to the Runtime API: a chunked POST on a socket of its own (HttpClient cannot send the request trailers that report
/// an error in mid-stream; AWS Lambda Developer Guide, "Building a custom runtime", "Implementing response streaming"). The caller appends
/// to
/// <see cref="Output"/> and flushes: each flush is one chunk and one socket write. The connection is closed afterwards, as that page asks.
/// </summary>
/// <remarks>
/// Order of calls: <see cref="StartAsync"/>, any number of <see cref="FlushAsync"/>, then exactly one of <see cref="CompleteAsync"/> and
/// <see cref="FailAsync"/>. Without the last the body has no end, and Lambda reports <c>Runtime.TruncatedResponse</c>.
/// </remarks>
public sealed class StreamedResponse : IDisposable
{
    private const string StreamingHeaders =
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        + "Transfer-Encoding: chunked\r\n"
        + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
        + "Connection: close\r\n";

    /// <summary>Room before the data for its size in hexadecimal and CRLF.</summary>
    private const int ChunkPrefixLength = 10;

    private readonly RuntimeApiConnection _connection;
    private readonly string _head;

    // Invariant: the first ChunkPrefixLength bytes are room for the size, the chunk's data follows.
    private readonly ByteBuffer _chunk = new();
    private bool _needsBody;

    internal StreamedResponse(RuntimeApiConnection connection, string head)
    {
        _connection = connection;
        _head = head;
        BeginChunk();
    }

    /// <summary>The bytes of the next chunk. May be written before <see cref="StartAsync"/>; they then wait for the first flush.</summary>
    public IBufferWriter<byte> Output => _chunk;

    /// <summary>The same as it lies in memory, behind the room for the chunk's size: for appending and truncating only.</summary>
    internal ByteBuffer Buffer => _chunk;

    internal ReadOnlyMemory<byte> OutputMemory => _chunk.UnreadMemory[ChunkPrefixLength..];

    /// <summary>Bytes waiting in <see cref="Output"/>.</summary>
    public int OutputLength => _chunk.Length - ChunkPrefixLength;

    public bool IsStarted { get; private set; }

    /// <summary>Bytes of body sent, without prelude and framing.</summary>
    public long SentLength { get; private set; }

    /// <summary>Drops what was written to <see cref="Output"/> and not flushed.</summary>
    public void DiscardOutput() => BeginChunk();

    /// <summary>Opens the connection ahead of <see cref="StartAsync"/>, while there is something else to wait for.</summary>
    public ValueTask ConnectAsync(CancellationToken cancellationToken) => _connection.ConnectAsync(cancellationToken);

    /// <summary>
    /// Sends the request's head and <paramref name="prelude"/> as a chunk of its own: with the first body bytes behind it in one write, the
    /// front end has been seen to hold the whole answer back (aws-lambda-nodejs-runtime-interface-client, issue 94). From here on
    /// <c>/error</c> is no longer legal.
    /// </summary>
    /// <param name="prelude">JSON and eight NUL; empty for a direct invocation, whose answer is the body alone.</param>
    /// <param name="needsBody">The status allows a body, so one byte at least must be sent: with none, a Function URL has left clients
    /// hanging for minutes.</param>
    /// <exception cref="RuntimeApiException">Lambda refused the answer or closed the connection.</exception>
    public async ValueTask StartAsync(string contentType, ReadOnlyMemory<byte> prelude, bool needsBody, CancellationToken cancellationToken)
    {
        Debug.Assert(!IsStarted, "A response starts once.");
        IsStarted = true;
        _needsBody = needsBody;
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var start = $"{_head}{StreamingHeaders}Content-Type: {contentType}\r\n\r\n";
        if (!prelude.IsEmpty)
        {
            start += $"{prelude.Length:X}\r\n{Encoding.UTF8.GetString(prelude.Span)}\r\n";
        }

        await SendAsync(Encoding.UTF8.GetBytes(start), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what was written since the last flush as one chunk, in one write; nothing if there is nothing.</summary>
    /// <exception cref="RuntimeApiException">Lambda refused the answer or closed the connection (a timeout, a reset).</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken) =>
        OutputLength == 0 ? default : SendChunkAsync(EndChunk(), cancellationToken);

    /// <summary>Ends the body and waits for the 202, which comes when Lambda has forwarded all of it.</summary>
    /// <exception cref="RuntimeApiException">Lambda refused the answer or closed the connection.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => EndAsync("0\r\n\r\n", cancellationToken);

    /// <summary>Ends the body with the error as trailers: what was sent stays valid, the invoker is told that it is not all.</summary>
    /// <exception cref="RuntimeApiException">Lambda refused the answer or closed the connection.</exception>
    public ValueTask FailAsync(FunctionError error, CancellationToken cancellationToken)
    {
        using var json = new ByteBuffer();
        error.WriteJson(json);

        // base64, because a line break in the JSON would end the trailer and break the HTTP message.
        return EndAsync(
            $"0\r\nLambda-Runtime-Function-Error-Type: {error.Type}\r\n"
            + $"Lambda-Runtime-Function-Error-Body: {Convert.ToBase64String(json.Unread)}\r\n\r\n",
            cancellationToken);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _chunk.Dispose();
    }

    private void BeginChunk()
    {
        _chunk.Clear();
        _chunk.GetSpan(ChunkPrefixLength);
        _chunk.Advance(ChunkPrefixLength);
    }

    /// <summary>Frames what was written: size line before it, CRLF behind it. Returns where in the buffer the chunk begins.</summary>
    private int EndChunk()
    {
        var dataLength = OutputLength;
        if (dataLength == 0)
        {
            return ChunkPrefixLength;
        }

        SentLength += dataLength;
        _chunk.Append("\r\n"u8);
        var prefix = _chunk.UnreadForUpdate[..ChunkPrefixLength];
        prefix[^2] = (byte)'\r';
        prefix[^1] = (byte)'\n';
        var start = ChunkPrefixLength - 2;
        for (var rest = dataLength; rest > 0; rest >>= 4)
        {
            prefix[--start] = "0123456789ABCDEF"u8[rest & 0xF];
        }

        return start;
    }

    private async ValueTask EndAsync(string lastChunkAndTrailers, CancellationToken cancellationToken)
    {
        if (_needsBody && SentLength == 0 && OutputLength == 0)
        {
            _chunk.Append("\n"u8);
        }

        var start = EndChunk();
        _chunk.Append(Encoding.ASCII.GetBytes(lastChunkAndTrailers));
        await SendChunkAsync(start, cancellationToken).ConfigureAwait(false);
        await _connection.ReceiveResponseAsync(cancellationToken).ConfigureAwait(false);
        if (_connection.Response.Status != 202)
        {
            throw RuntimeApiClient.Refusal(_connection, "a streamed response");
        }
    }

    private async ValueTask SendChunkAsync(int start, CancellationToken cancellationToken)
    {
        await SendAsync(_chunk.UnreadMemory[start..], cancellationToken).ConfigureAwait(false);
        BeginChunk();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.SendAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (RuntimeApiException)
        {
            // Lambda closes the connection once it no longer wants the answer; its reason may already lie in the receive queue.
            await _connection.ReceiveResponseAsync(cancellationToken).ConfigureAwait(false);
            throw RuntimeApiClient.Refusal(_connection, "a streamed response");
        }
    }
}
