using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>A model server at the socket: it takes one request and lets the test write the answer byte by byte.</summary>
internal sealed class FakeUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private TcpClient? _client;

    public FakeUpstream() => _listener.Start();

    public Uri Url => new($"http://{_listener.LocalEndpoint}/");

    public static string ChunkedHead { get; } =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// <summary>Request line and body of the next request.</summary>
    public async Task<(string Line, string Body)> ReceiveAsync()
    {
        _client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(1))[0]);
        }

        var lines = head.ToString().Split("\r\n");
        var length = lines.Single(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)).Split(' ')[1];
        return (lines[0], Encoding.UTF8.GetString(await ReadAsync(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))));
    }

    public async Task WriteAsync(string text) =>
        await _client!.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    public Task WriteChunkAsync(string text) => WriteAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    /// <summary>Completes when the other side has closed.</summary>
    public async Task ClosedAsync() =>
        Assert.Equal(0, await _client!.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));

    public void HangUp() => _client!.Dispose();

    public void Dispose()
    {
        _client?.Dispose();
        _listener.Dispose();
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        await _client!.GetStream().ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return bytes;
    }
}
