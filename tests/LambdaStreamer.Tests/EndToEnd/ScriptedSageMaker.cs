using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>A SageMaker runtime made of literal bytes: each request is answered by a script that decides what is sent when.</summary>
internal sealed class ScriptedSageMaker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Func<Exchange, Task> _script;
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private int _requests;

    public ScriptedSageMaker(Func<Exchange, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var exchange = new Exchange(socket, _stopped.Token);
            try
            {
                while (await exchange.ReadRequestAsync())
                {
                    if (exchange.Request.StartsWith("GET /ping ", StringComparison.Ordinal))
                    {
                        // The connection that the function opens during init.
                        await exchange.SendRawAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                        continue;
                    }

                    Interlocked.Increment(ref _requests);
                    await _script(exchange);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The function closed the connection, or the script reset it.
            }
        }
    }

    internal sealed class Exchange(Socket socket, CancellationToken stopped)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private string _received = "";

        public CancellationToken Stopped => stopped;

        public string Request { get; private set; } = "";

        /// <summary>The head of a streamed answer; the pieces of its body follow with <see cref="SendAsync"/>.</summary>
        public Task SendHeadAsync() => SendRawAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nx-amzn-RequestId: r-1\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());

        public Task SendAsync(byte[] piece)
        {
            byte[] chunk = [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8];
            return SendRawAsync(chunk);
        }

        public Task EndAsync() => SendRawAsync("0\r\n\r\n"u8.ToArray());

        public Task SendErrorAsync(int status, string errorType, string body, string extraHeaders = "") => SendRawAsync(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nx-amzn-ErrorType: {errorType}\r\n{extraHeaders}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));

        public async Task SendRawAsync(byte[] bytes)
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, stopped);
            }
        }

        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }

        /// <summary>False: the function closed the connection.</summary>
        internal async Task<bool> ReadRequestAsync()
        {
            int headEnd;
            while ((headEnd = _received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
            {
                if (!await ReceiveAsync())
                {
                    return false;
                }
            }

            const string ContentLength = "\r\nContent-Length: ";
            var lengthAt = _received.IndexOf(ContentLength, StringComparison.OrdinalIgnoreCase) + ContentLength.Length;
            var length = lengthAt < ContentLength.Length || lengthAt > headEnd
                ? 0
                : int.Parse(_received.AsSpan(lengthAt, _received.IndexOf('\r', lengthAt) - lengthAt), CultureInfo.InvariantCulture);
            while (_received.Length < headEnd + 4 + length)
            {
                if (!await ReceiveAsync())
                {
                    return false;
                }
            }

            Request = _received[..(headEnd + 4 + length)];
            _received = _received[(headEnd + 4 + length)..];
            return true;
        }

        private async Task<bool> ReceiveAsync()
        {
            var length = await socket.ReceiveAsync(_buffer, SocketFlags.None, stopped);
            _received += Encoding.Latin1.GetString(_buffer, 0, length);
            return length > 0;
        }
    }
}
