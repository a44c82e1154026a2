using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>A runtime as bytes on a socket: says exactly what a test makes it say.</summary>
internal sealed class ScriptedRuntime : IDisposable
{
    public const string StreamHead =
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        + "Transfer-Encoding: chunked\r\n"
        + "Content-Type: application/vnd.awslambda.http-integration-response\r\n"
        + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";

    /// <summary>A stream without prelude.</summary>
    public const string PlainStreamHead =
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        + "Transfer-Encoding: chunked\r\n"
        + "Content-Type: text/csv\r\n"
        + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";

    public const string Prelude = """{"statusCode":200,"headers":{"content-type":"text/plain"}}""" + "\0\0\0\0\0\0\0\0";

    // A test that waits for bytes that never come fails instead of hanging.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    public ScriptedRuntime(string address) => _socket.Connect(IPEndPoint.Parse(address));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The invocation taken last.</summary>
    public Answer Event { get; private set; } = new("", [], "");

    public string RequestId => Event["Lambda-Runtime-Aws-Request-Id"] ?? throw new InvalidOperationException("no event yet");

    public async Task SendAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, Token).AsTask().WaitAsync(Patience, Token);
        }
    }

    public async Task<Answer> NextAsync()
    {
        await BeginNextAsync();
        return await TakeEventAsync();
    }

    public Task BeginNextAsync() => SendAsync("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: twin\r\n\r\n");

    public async Task<Answer> TakeEventAsync() => Event = await ReceiveAsync();

    public Task<Answer> RespondAsync(string body, string fields = "") => PostAsync($"invocation/{RequestId}/response", fields, body);

    public Task<Answer> FailAsync(string body, string fields = "") => PostAsync($"invocation/{RequestId}/error", fields, body);

    public async Task<Answer> PostAsync(string path, string fields, string body)
    {
        await SendAsync(Post(path, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n" + fields) + body);
        return await ReceiveAsync();
    }

    /// <summary>Head of POST /response with every header that a streaming runtime should send.</summary>
    public Task BeginStreamAsync(string head = StreamHead) => SendAsync(Post($"invocation/{RequestId}/response", head));

    public Task ChunkAsync(string data) => SendAsync(Chunk(data));

    public async Task<Answer> EndStreamAsync(string trailers = "")
    {
        await SendAsync($"0\r\n{trailers}\r\n");
        return await ReceiveAsync();
    }

    /// <summary>A whole streamed response with a prelude.</summary>
    public async Task<Answer> StreamAsync(params string[] pieces)
    {
        await BeginStreamAsync();
        await ChunkAsync(Prelude);
        foreach (var piece in pieces)
        {
            await ChunkAsync(piece);
        }

        return await EndStreamAsync();
    }

    public static string Chunk(string data) => $"{Encoding.UTF8.GetByteCount(data):x}\r\n{data}\r\n";

    public string Post(string path, string fields)
    {
        var deliveryId = Event["Lambda-Runtime-Invocation-Id"];
        var echo = deliveryId is null || fields.Contains("Lambda-Runtime-Invocation-Id", StringComparison.Ordinal)
            ? ""
            : $"Lambda-Runtime-Invocation-Id: {deliveryId}\r\n";
        return $"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: twin\r\n{echo}{fields}\r\n";
    }

    /// <summary>The next answer; with an empty status when the connection ended instead.</summary>
    public async Task<Answer> ReceiveAsync()
    {
        int headEnd;
        while ((headEnd = Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await ReadAsync())
            {
                return new Answer("", [], Text);
            }
        }

        var lines = Text[..headEnd].Split("\r\n");
        var fields = lines[1..].Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair.Length > 1 ? pair[1] : "")).ToArray();
        var answer = new Answer(lines[0], fields, "");
        Take(headEnd + 4);
        return answer with { Body = answer["Transfer-Encoding"] is null ? await TakeBodyAsync(answer) : await TakeChunksAsync() };
    }

    /// <summary>Whether the peer closed the connection and said nothing more.</summary>
    public async Task<bool> IsClosedAsync() => !await ReadAsync() && _length == 0;

    /// <summary>Ends the sending side; answers may still come.</summary>
    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private string Text => Encoding.UTF8.GetString(_buffer, 0, _length);

    private async Task<string> TakeBodyAsync(Answer head)
    {
        var length = int.Parse(head["Content-Length"] ?? "0", CultureInfo.InvariantCulture);
        while (_length < length && await ReadAsync())
        {
        }

        return Take(length);
    }

    private async Task<string> TakeChunksAsync()
    {
        while (!Text.Contains("\r\n0\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.True(await ReadAsync(), "the chunked answer was cut");
        }

        var body = new StringBuilder();
        while (true)
        {
            var lineEnd = Text.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(Take(lineEnd + 2).TrimEnd(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            body.Append(Take(size));
            Take(2);
            if (size == 0)
            {
                return body.ToString();
            }
        }
    }

    private string Take(int count)
    {
        var text = Encoding.UTF8.GetString(_buffer, 0, count);
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
        return text;
    }

    private async Task<bool> ReadAsync()
    {
        try
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_length), SocketFlags.None, Token).AsTask().WaitAsync(Patience, Token);
            _length += count;
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>One answer of the Runtime API; an event is one, too.</summary>
    internal sealed record Answer(string StatusLine, IReadOnlyList<(string Name, string Value)> Fields, string Body)
    {
        public string? this[string name] => Fields.FirstOrDefault(field => field.Name == name).Value;
    }
}
