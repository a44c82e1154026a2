using System.Buffers;
using System.Net.Sockets;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>Serves the requests of one connection, one after the other.</summary>
internal sealed class RuntimeApiConnection(Socket socket, RuntimeApiServer server)
{
    private const string Root = "/2018-06-01";

    // What Go's server reads and drops of a refused request's body before it gives up the connection.
    private const int MaxDrainedBytes = 256 * 1024;

    private readonly SocketBuffer _buffer = new(socket);
    private readonly RuntimeApiAnswer _answer = new(socket, server.Settings.NextVariation);
    private int _headSearchedTo;

    public async Task RunAsync()
    {
        while (await ReadHeadAsync().ConfigureAwait(false) is { } head)
        {
            _answer.ClosesConnection = head.ClosesConnection;
            var body = new RequestBody(head, _buffer);
            await DispatchAsync(head, body).ConfigureAwait(false);
            if (_answer.ClosesConnection || !await DrainAsync(body).ConfigureAwait(false))
            {
                await CloseAsync().ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task<RequestHead?> ReadHeadAsync()
    {
        while (true)
        {
            var status = RequestHead.TryParse(_buffer.Unread, ref _headSearchedTo, out var head, out var consumed, out var problem);
            _buffer.Consume(consumed);
            if (status == OperationStatus.Done)
            {
                return head;
            }

            if (status == OperationStatus.InvalidData)
            {
                server.Violate(ViolationKind.MalformedRequest, problem);
                _answer.ClosesConnection = true;
                await _answer.ErrorAsync(400, "InvalidRequest", problem).ConfigureAwait(false);
                await CloseAsync().ConfigureAwait(false);
                return null;
            }

            if (await _buffer.ReadAsync().ConfigureAwait(false) == 0)
            {
                if (!_buffer.Unread.IsEmpty)
                {
                    server.Violate(ViolationKind.MalformedRequest, "the connection ended within a request head");
                }

                return null;
            }
        }
    }

    private Task DispatchAsync(RequestHead head, RequestBody body)
    {
        var path = head.Target.Split('/');
        return (head.Method, path) switch
        {
            ("GET", _) when head.Target == $"{Root}/ping" => _answer.PongAsync(),
            ("GET", _) when head.Target == $"{Root}/runtime/invocation/next" => NextAsync(head),
            ("POST", _) when head.Target == $"{Root}/runtime/init/error" => InitErrorAsync(head, body),
            ("POST", [_, _, "runtime", "invocation", var id, "response"]) when IsUnderRoot(head) => ResponseAsync(head, body, id),
            ("POST", [_, _, "runtime", "invocation", var id, "error"]) when IsUnderRoot(head) => ErrorAsync(head, body, id),
            _ => UnknownRouteAsync(head),
        };
    }

    private static bool IsUnderRoot(RequestHead head) => head.Target.StartsWith(Root + "/", StringComparison.Ordinal);

    private async Task NextAsync(RequestHead head)
    {
        if (head.IsChunked || head.ContentLength > 0)
        {
            server.Violate(ViolationKind.BodyOnNext, "GET /next carried a body");
        }

        if (PeerIsGone())
        {
            _answer.ClosesConnection = true;
            return;
        }

        var refusal = server.Lifecycle.Poll(out var poll);
        if (refusal is not null)
        {
            await RefuseAsync(refusal).ConfigureAwait(false);
            return;
        }

        // A runtime may go away while it waits; reading ahead is how a socket says so.
        await Task.WhenAny(poll.Task, _buffer.Readable).ConfigureAwait(false);
        if (!poll.Task.IsCompleted && await _buffer.ReadAsync().ConfigureAwait(false) == 0)
        {
            server.Lifecycle.AbandonPoll(poll);
            _answer.ClosesConnection = true;
            return;
        }

        try
        {
            var invocation = await poll.Task.ConfigureAwait(false);
            if (PeerIsGone())
            {
                server.Lifecycle.AbandonPoll(poll);
                _answer.ClosesConnection = true;
            }
            else if (invocation is null)
            {
                await RefuseAsync(Refusal.InvalidState("GET /next while another poll is open")).ConfigureAwait(false);
            }
            else
            {
                await _answer.NextAsync(invocation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await RefuseAsync(Refusal.ShuttingDown).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            server.Lifecycle.AbandonPoll(poll);
            throw;
        }
    }

    // Asks the kernel: the end of the stream may be there while the read that will tell is still on its way.
    private bool PeerIsGone() => _buffer.Unread.IsEmpty && socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    private async Task ResponseAsync(RequestHead head, RequestBody body, string id)
    {
        var refusal = server.Lifecycle.BeginResponse(id, DeliveryId(head), out var invocation);
        if (refusal is not null)
        {
            await RefuseAsync(refusal).ConfigureAwait(false);
            return;
        }

        var receiver = new ResponseReceiver(invocation!, head, body, server);
        refusal = await receiver.ReceiveAsync().ConfigureAwait(false);
        if (receiver.IsStreamed)
        {
            invocation!.Recorder.DataSegments = TcpSegments.Received(socket) - _answer.SegmentsBefore;
        }

        server.Lifecycle.EndResponse(invocation!);
        receiver.Conclude();
        if (refusal is null)
        {
            await _answer.AcceptedAsync().ConfigureAwait(false);
        }
        else
        {
            await RefuseAsync(refusal).ConfigureAwait(false);
        }
    }

    private async Task ErrorAsync(RequestHead head, RequestBody body, string id)
    {
        var refusal = server.Lifecycle.ReportError(id, DeliveryId(head), out var invocation);
        if (refusal is not null)
        {
            await RefuseAsync(refusal).ConfigureAwait(false);
            return;
        }

        invocation!.Recorder.Posted(ResponseKind.Error, head);
        (var error, refusal) = await ReadErrorAsync(head, body, invocation.Recorder.Violate).ConfigureAwait(false);

        // Before the answer: a runtime that has reset the connection can't be answered, and its caller waits all the same.
        invocation.Complete(error ?? InvocationOutcome.Platform("Runtime.Unknown", id, "the error report was cut short"));
        await (refusal is null ? _answer.AcceptedAsync() : RefuseAsync(refusal)).ConfigureAwait(false);
    }

    private async Task InitErrorAsync(RequestHead head, RequestBody body)
    {
        var (error, refusal) = await ReadErrorAsync(head, body, server.Violate).ConfigureAwait(false);
        refusal ??= server.Lifecycle.ReportInitError(error!);
        await (refusal is null ? _answer.AcceptedAsync() : RefuseAsync(refusal)).ConfigureAwait(false);
    }

    /// <summary>What is reported, or why it could not be read.</summary>
    private static async Task<(InvocationOutcome? Error, Refusal? Refusal)> ReadErrorAsync(
        RequestHead head, RequestBody body, Action<ViolationKind, string> violate)
    {
        var (status, bytes) = await body.ReadToEndAsync(ErrorReport.MaxBytes).ConfigureAwait(false);
        if (status == BodyStatus.Done)
        {
            return (ErrorReport.FromPost(head, bytes, violate), null);
        }

        return (null, status switch
        {
            BodyStatus.TooLong => Refusal.ResponseTooLarge,
            BodyStatus.Malformed => Refusal.Truncated(ViolationKind.MalformedChunk, body.Chunks!.Problem),
            _ => Refusal.Truncated(ViolationKind.TruncatedBody, "the connection ended within an error report"),
        });
    }

    private string? DeliveryId(RequestHead head)
    {
        // An empty value is no value.
        var deliveryId = head[RuntimeApiAnswer.InvocationIdHeader] is { Length: > 0 } value ? value : null;
        if (deliveryId is null && server.Settings.NextVariation.OptionalHeaders is OptionalHeaders.Sent or OptionalHeaders.SentOrEmpty)
        {
            server.Violate(ViolationKind.InvocationIdNotEchoed, $"{RuntimeApiAnswer.InvocationIdHeader} is missing");
        }

        return deliveryId;
    }

    private async Task RefuseAsync(Refusal refusal)
    {
        if (refusal.Kind is { } kind)
        {
            server.Violate(kind, refusal.Message);
        }

        _answer.ClosesConnection |= refusal.Kind is ViolationKind.MalformedChunk or ViolationKind.TruncatedBody;
        await _answer.ErrorAsync(refusal.Status, refusal.ErrorType, refusal.Message).ConfigureAwait(false);
    }

    private async Task UnknownRouteAsync(RequestHead head)
    {
        server.Violate(ViolationKind.UnknownRoute, $"{head.Method} {head.Target}");
        await _answer.ErrorAsync(404, "NotFound", "404 page not found").ConfigureAwait(false);
    }

    /// <summary>Takes what is left of a body out of the way of the next request; false when that is not worth it.</summary>
    private static async Task<bool> DrainAsync(RequestBody body)
    {
        var (status, _) = await body.ReadToEndAsync(MaxDrainedBytes).ConfigureAwait(false);
        return status == BodyStatus.Done;
    }

    // Closing with unread bytes resets the connection, and a reset may overtake the answer: say goodbye, then read a little.
    private async Task CloseAsync()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return;
        }

        for (var drained = 0; drained < MaxDrainedBytes;)
        {
            _buffer.Consume(_buffer.Unread.Length);
            var count = await _buffer.ReadAsync().ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            drained += count;
        }
    }
}
