using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>
/// A peer at the socket. Each connection that is accepted is handed to the test, which reads requests from it and writes literal bytes.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen; only a test that fails waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<Connection> _accepted = Channel.CreateUnbounded<Connection>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Connection> _all = [];
    private readonly Task _accepting;
    private readonly X509Certificate2? _certificate;

    public ScriptedServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"{(_certificate is null ? "http" : "https")}://localhost:{Port}");

    /// <summary>Connections that no test has taken yet.</summary>
    public int Waiting => _accepted.Reader.Count;

    /// <summary>The next connection in the order of arrival.</summary>
    public Task<Connection> AcceptedAsync() =>
        _accepted.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    /// <summary>Takes the next connection, reads one request, and answers it.</summary>
    public async Task<Connection> AnswerAsync(string reply)
    {
        var connection = await AcceptedAsync();
        await connection.ReadRequestAsync();
        await connection.WriteAsync(reply);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _all.ForEach(connection => connection.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Stream stream = new NetworkStream(socket, ownsSocket: true);
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    var options = new SslServerAuthenticationOptions { ServerCertificate = _certificate };
                    await tls.AuthenticateAsServerAsync(options, _stop.Token);
                    stream = tls;
                }

                var connection = new Connection(socket, stream);
                _all.Add(connection);
                _accepted.Writer.TryWrite(connection);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The end of the test, or of a handshake that a test meant to fail.
        }
    }

    internal sealed class Connection(Socket socket, Stream stream) : IDisposable
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _filled;

        /// <summary>One request with its body (Content-Length), as text of one character a byte.</summary>
        public async Task<string> ReadRequestAsync()
        {
            while (true)
            {
                var text = Encoding.Latin1.GetString(_buffer, 0, _filled);
                var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (headEnd >= 0)
                {
                    var requestLength = headEnd + 4 + ContentLength(text[..headEnd]);
                    if (_filled >= requestLength)
                    {
                        _buffer.AsSpan(requestLength, _filled - requestLength).CopyTo(_buffer);
                        _filled -= requestLength;
                        return text[..requestLength];
                    }
                }

                var read = await ReadAsync(_buffer.AsMemory(_filled));
                Assert.True(read > 0, "The client closed the connection before a whole request was there.");
                _filled += read;
            }
        }

        public async Task WriteAsync(string text) =>
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

        /// <summary>Allocates nothing.</summary>
        public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

        /// <summary>Ends this side in good order.</summary>
        public void Finish() => socket.Shutdown(SocketShutdown.Send);

        /// <summary>Ends the connection with a TCP reset.</summary>
        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        /// <summary>Waits until the client has closed its side, however it does that.</summary>
        public async Task ClosedByClientAsync()
        {
            try
            {
                Assert.Equal(0, await ReadAsync(_buffer));
            }
            catch (IOException)
            {
                // A reset.
            }
        }

        public void Dispose() => stream.Dispose();

        private Task<int> ReadAsync(Memory<byte> buffer) =>
            stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

        private static int ContentLength(string head)
        {
            const string Name = "\r\ncontent-length: ";
            var begin = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
            return begin < 0 ? 0 : int.Parse(head.AsSpan(begin + Name.Length).ToString().Split('\r')[0], null);
        }
    }
}
