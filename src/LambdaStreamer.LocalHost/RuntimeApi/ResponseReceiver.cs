namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>Receives POST /response, streamed or buffered, and passes it to the invocation's caller.</summary>
internal sealed class ResponseReceiver(Invocation invocation, RequestHead head, RequestBody body, RuntimeApiServer server)
{
    private const string ModeHeader = "Lambda-Runtime-Function-Response-Mode";

    private readonly InvocationRecorder _recorder = invocation.Recorder;
    private InvocationOutcome? _outcome;

    public bool IsStreamed { get; private set; }

    /// <summary>Null when the response was accepted. The outcome is kept back until <see cref="Conclude"/>.</summary>
    public async Task<Refusal?> ReceiveAsync()
    {
        var mode = head[ModeHeader];
        if (mode is not (null or "streaming"))
        {
            _outcome = Platform("Runtime.InvalidResponseModeHeader", $"invalid response mode '{mode}'");
            return Refusal.InvalidResponseMode;
        }

        IsStreamed = mode is not null;
        _recorder.Posted(IsStreamed ? ResponseKind.Streamed : ResponseKind.Buffered, head);
        try
        {
            return await (IsStreamed ? StreamAsync() : BufferAsync()).ConfigureAwait(false);
        }
        finally
        {
            invocation.EndPayload();
        }
    }

    /// <summary>Tells the caller how it ended; with a process that died, its death will.</summary>
    public void Conclude()
    {
        if (_outcome is not null)
        {
            invocation.Complete(_outcome);
        }
    }

    private async Task<Refusal?> StreamAsync()
    {
        var inspector = new ResponseInspector(_recorder, head);
        var limiter = server.Settings.LimitBandwidth ? new BandwidthLimiter(server.Settings.TimeProvider) : null;
        var limit = invocation.IsStreaming ? Invocation.MaxStreamedBytes : Invocation.MaxPayloadBytes;
        var total = 0L;
        inspector.InspectHead();
        invocation.StartResponse(new ResponseStart(head["Content-Type"]));
        while (true)
        {
            // :: Step 1: what one socket read brought
            var status = await body.ReadAsync().ConfigureAwait(false);
            _recorder.Read(body.ReadLength, body.Payload.Length, body.Chunks);
            inspector.Inspect(body.Payload.Span, body.Chunks);

            // :: Step 2: within the limit, to the caller
            var allowed = (int)Math.Min(body.Payload.Length, limit - total);
            if (!await ForwardAsync(body.Payload[..allowed], limiter).ConfigureAwait(false))
            {
                return Refusal.InvokeTimeout;
            }

            total += allowed;
            if (allowed < body.Payload.Length)
            {
                _outcome = Platform("Function.ResponseSizeTooLarge", $"response larger than {limit} bytes");
                return Refusal.ResponseTooLarge;
            }

            // :: Step 3: how it ended
            switch (status)
            {
                case BodyStatus.More:
                    continue;
                case BodyStatus.Done:
                    _outcome = inspector.InspectEnd(body.Chunks);
                    return null;
                default:
                    return await CutShortAsync(status).ConfigureAwait(false);
            }
        }
    }

    private async Task<Refusal?> BufferAsync()
    {
        var (status, bytes) = await body
            .ReadToEndAsync(Invocation.MaxPayloadBytes, read => _recorder.Read(read.ReadLength, read.Payload.Length, read.Chunks))
            .ConfigureAwait(false);
        switch (status)
        {
            case BodyStatus.Done:
                invocation.StartResponse(new ResponseStart(head["Content-Type"]));
                _outcome = InvocationOutcome.Success;
                return await invocation.WritePayloadAsync(bytes).ConfigureAwait(false) ? null : Refusal.InvokeTimeout;
            case BodyStatus.TooLong:
                _outcome = Platform(
                    "Function.ResponseSizeTooLarge",
                    $"Response payload size exceeded maximum allowed payload size ({Invocation.MaxPayloadBytes} bytes).");
                return Refusal.ResponseTooLarge;
            default:
                return await CutShortAsync(status).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> ForwardAsync(ReadOnlyMemory<byte> payload, BandwidthLimiter? limiter)
    {
        while (!payload.IsEmpty)
        {
            var length = limiter is null
                ? payload.Length
                : await limiter.TakeAsync(payload.Length, invocation.Aborted).ConfigureAwait(false);
            if (length == 0 || !await invocation.WritePayloadAsync(payload[..length]).ConfigureAwait(false))
            {
                return false;
            }

            payload = payload[length..];
        }

        return true;
    }

    private async Task<Refusal> CutShortAsync(BodyStatus status)
    {
        if (status == BodyStatus.Malformed)
        {
            _outcome = Platform("Runtime.TruncatedResponse", "the response body's chunk framing is broken");
            return Refusal.Truncated(ViolationKind.MalformedChunk, body.Chunks!.Problem);
        }

        if (!await server.ExitedAsync().ConfigureAwait(false))
        {
            _outcome = Platform("Runtime.TruncatedResponse", "the response body ended before its terminator");
        }

        return Refusal.Truncated(ViolationKind.TruncatedBody, "the connection ended within the response body");
    }

    private InvocationOutcome Platform(string errorType, string message) =>
        InvocationOutcome.Platform(errorType, invocation.RequestId, message);
}
