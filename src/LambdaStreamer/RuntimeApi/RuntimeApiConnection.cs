using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// One connection to the Runtime API: HTTP/1.1 on a socket, one request at a time. Owns the socket and the receive buffers, which are kept
/// from one request to the next. Connects when first used and again after the server closed.
/// </summary>
internal sealed class RuntimeApiConnection : IDisposable
{
    /// <summary>
    /// Lambda's largest event is 6 MiB + 100 bytes (aws-lambda-runtime-interface-emulator, <c>interop.MaxPayloadSize</c>); this leaves
    /// room.
    /// </summary>
    private const int MaxBodyLength = 8 * 1024 * 1024;

    private const int ReceiveLength = 16 * 1024;

    /// <summary>What is kept of a buffer between invocations; the few events that are larger give their memory back.</summary>
    private const int KeptBodyLength = 128 * 1024;

    private readonly EndPoint _endPoint;
    private readonly ByteBuffer _received = new(ReceiveLength);
    private readonly ByteBuffer _body = new();
    private Socket? _socket;

    public RuntimeApiConnection(EndPoint endPoint) => _endPoint = endPoint;

    public HttpResponseParser Response { get; } = new(MaxBodyLength);

    /// <summary>The body of the last response, valid until the next request.</summary>
    public ReadOnlyMemory<byte> Body => _body.UnreadMemory;

    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_socket is not null)
        {
            return;
        }

        var socket = _endPoint is IPEndPoint
            ? new Socket(_endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        try
        {
            await socket.ConnectAsync(_endPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new RuntimeApiException(0, $"The Runtime API at {_endPoint} cannot be reached: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _socket = socket;
        _received.Clear();
    }

    /// <summary>
    /// Sends one request and reads its response whole. There is no timeout: a poll may last for days, frozen in between. A kept connection
    /// that died while it was idle is replaced once; should the server have seen the request all the same, it refuses the second with a
    /// status of its own.
    /// </summary>
    public async ValueTask ExchangeAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var isKept = _socket is not null;
            Response.Reset();
            await ConnectAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await SendAsync(head, cancellationToken).ConfigureAwait(false);
                await SendAsync(body, cancellationToken).ConfigureAwait(false);
                await ReceiveResponseAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RuntimeApiException) when (isKept && Response.IsAtStart && _received.Length == 0)
            {
                Close();
            }
        }
    }

    /// <exception cref="RuntimeApiException">The connection broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var sent = await _socket!.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                bytes = bytes[sent..];
            }
        }
        catch (SocketException e)
        {
            throw new RuntimeApiException(0, $"The connection to the Runtime API broke while sending: {e.Message}", e);
        }
    }

    /// <exception cref="RuntimeApiException">The connection broke, or what came is not HTTP.</exception>
    public async ValueTask ReceiveResponseAsync(CancellationToken cancellationToken)
    {
        Response.Reset();
        _body.ClearAndShrink(KeptBodyLength);
        while (true)
        {
            switch (Response.Read(_received, _body))
            {
                case OperationStatus.Done:
                    if (Response.ClosesConnection)
                    {
                        Close();
                    }

                    return;

                case OperationStatus.InvalidData:
                    Close();
                    throw new RuntimeApiException(0, "The Runtime API answered with something that is not HTTP/1.1, or too large.");
            }

            if (await ReceiveAsync(cancellationToken).ConfigureAwait(false) == 0)
            {
                Close();
                if (Response.TryEndByClose())
                {
                    return;
                }

                throw new RuntimeApiException(0, "The Runtime API closed the connection before its response was whole.");
            }
        }
    }

    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose()
    {
        Close();
        _received.Dispose();
        _body.Dispose();
    }

    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var free = _received.GetMemory(ReceiveLength);
            var received = await _socket!.ReceiveAsync(free, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            _received.Advance(received);
            return received;
        }
        catch (SocketException e)
        {
            Close();
            throw new RuntimeApiException(0, $"The connection to the Runtime API broke while receiving: {e.Message}", e);
        }
    }
}
