using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.Tests.RuntimeApi;

/// <summary>A server made of literal bytes: the test accepts its connections and says what is read and written.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedPeer() => _listener.Start();

    public string HostAndPort => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async Task<Connection> AcceptAsync() =>
        new(await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken));

    public void Dispose() => _listener.Dispose();

    internal sealed class Connection(Socket socket) : IDisposable
    {
        // linux/tcp.h, struct tcp_info: the 32-bit tcpi_data_segs_in behind tcpi_min_rtt.
        private const int TcpInfoOption = 11;
        private const int DataSegmentsInOffset = 152;

        private readonly List<byte> _received = [];

        public Socket Socket => socket;

        /// <summary>
        /// Segments with data that have arrived: the number of writes of a peer that does not coalesce them (TCP_NODELAY).
        /// </summary>
        public uint DataSegmentsReceived
        {
            get
            {
                Span<byte> info = stackalloc byte[256];
                socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfoOption, info);
                return BitConverter.ToUInt32(info[DataSegmentsInOffset..]);
            }
        }

        /// <summary>What has come up to and with <paramref name="end"/>.</summary>
        public async Task<string> ReadUntilAsync(string end)
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var text = Encoding.UTF8.GetString(_received.ToArray());
                var position = text.IndexOf(end, StringComparison.Ordinal);
                if (position >= 0)
                {
                    var taken = text[..(position + end.Length)];
                    _received.RemoveRange(0, Encoding.UTF8.GetByteCount(taken));
                    return taken;
                }

                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken);
                Assert.True(length > 0, $"The peer closed the connection; received so far: {text}");
                _received.AddRange(buffer.AsSpan(0, length));
            }
        }

        public async Task<int> ReceiveAsync() =>
            await socket.ReceiveAsync(new byte[1024], SocketFlags.None, TestContext.Current.CancellationToken);

        public async Task SendAsync(string text) => await SendAsync(Encoding.UTF8.GetBytes(text));

        public async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, TestContext.Current.CancellationToken)..];
            }
        }

        /// <summary>Closes with a reset.</summary>
        public void Reset()
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }

        public void Dispose() => socket.Dispose();
    }
}
