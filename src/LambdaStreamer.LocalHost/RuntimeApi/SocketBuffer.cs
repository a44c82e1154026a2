using System.Net.Sockets;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Bytes read from one socket and not yet taken. One reader at a time; a read that was begun and not waited for is the next read.
/// </summary>
internal sealed class SocketBuffer(Socket socket)
{
#if DEBUG
    // Small, so that growing and shifting happen in every test run.
    private const int InitialSize = 512;
#else
    private const int InitialSize = 64 * 1024;
#endif

    private byte[] _bytes = new byte[InitialSize];
    private int _start;
    private int _end;
    private Task<int>? _pending;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    public void Consume(int count) => _start += count;

    /// <summary>Completes when <see cref="ReadAsync"/> would not wait; takes nothing.</summary>
    public Task Readable => BeginRead();

    /// <summary>Appends what one socket read brings; 0 when the peer ended or reset the connection, or it was closed here.</summary>
    public async ValueTask<int> ReadAsync()
    {
        try
        {
            var count = await BeginRead().ConfigureAwait(false);
            _end += count;
            return count;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return 0;
        }
        finally
        {
            _pending = null;
        }
    }

    private Task<int> BeginRead()
    {
        if (_pending is null)
        {
            MakeRoom();
            _pending = socket.ReceiveAsync(_bytes.AsMemory(_end), SocketFlags.None).AsTask();
        }

        return _pending;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _bytes.Length)
        {
            // Only a head or a pipelined request outlives a read, and heads are capped by their parser.
            var bytes = _start > 0 ? _bytes : new byte[_bytes.Length * 2];
            Unread.CopyTo(bytes);
            (_bytes, _end, _start) = (bytes, _end - _start, 0);
        }
    }
}
