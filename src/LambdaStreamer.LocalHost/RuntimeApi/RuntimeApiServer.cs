using System.Net;
using System.Net.Sockets;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// The Runtime API of one runtime process, on a loopback port of its own. Sockets and a strict parser rather than a web server, because
/// how a runtime frames its bytes is what is being checked.
/// </summary>
internal sealed class RuntimeApiServer : IAsyncDisposable
{
    // A process that crashed shows as a closed socket first and as an exit a moment later.
    private static readonly TimeSpan ExitGrace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Dictionary<Socket, Task> _connections = [];
    private readonly Task _accepting;
    private volatile bool _isDisposed;

    /// <param name="settings">Shared by all servers of a twin.</param>
    public RuntimeApiServer(RuntimeApiSettings settings)
    {
        Settings = settings;
        Lifecycle = new RuntimeLifecycle(settings.Concurrency);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = _listener.LocalEndPoint!.ToString()!;
        _accepting = AcceptAsync();
    }

    public RuntimeApiSettings Settings { get; }

    /// <summary>The value of AWS_LAMBDA_RUNTIME_API: host and port, no scheme.</summary>
    public string Address { get; }

    public RuntimeLifecycle Lifecycle { get; }

    /// <summary>Completes when the process behind this server has exited; null when it is not ours to watch.</summary>
    public Task? ProcessExited { get; set; }

    public void Violate(ViolationKind kind, string detail)
    {
        var current = Lifecycle.Current;
        if (current is null)
        {
            Settings.ReportViolation(new Violation(kind, detail));
        }
        else
        {
            current.Recorder.Violate(kind, detail);
        }
    }

    /// <summary>True when a connection that just broke was the process's death, which then has its own outcome.</summary>
    public async Task<bool> ExitedAsync()
    {
        if (ProcessExited is null)
        {
            return false;
        }

        await Task.WhenAny(ProcessExited, Task.Delay(ExitGrace)).ConfigureAwait(false);
        return ProcessExited.IsCompleted;
    }

    /// <summary>Completes when every connection that is open now has ended.</summary>
    public Task ConnectionsEndedAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_connections.Values);
        }
    }

    /// <summary>Closes what the runtime has open, as Lambda does on a timeout; it may connect again.</summary>
    public void CloseConnections()
    {
        lock (_lock)
        {
            foreach (var socket in _connections.Keys)
            {
                socket.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        CloseConnections();
        await ConnectionsEndedAsync().ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                if (_isDisposed)
                {
                    return;
                }

                // A connection that was reset before it was taken says nothing of the next.
                continue;
            }

            socket.NoDelay = true;
            lock (_lock)
            {
                _connections.Add(socket, ServeAsync(socket));
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        // Off the accepting thread: the lock is held there.
        await Task.Yield();
        try
        {
            await new RuntimeApiConnection(socket, this).RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The runtime went away while it was being answered; its process tells why, if there is one.
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(socket);
            }

            socket.Dispose();
        }
    }
}
