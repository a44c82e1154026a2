using System.Buffers;
using System.IO.Pipelines;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.Processes;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>
/// A Function URL in RESPONSE_STREAM mode without authentication and without CORS of its own: each request becomes an event, each response
/// is passed on piece by piece.
/// <code>
///  client ─(1)─► event ─(2)─► function process ─(3)─► status, headers ─(4)─► body pieces ─(5)─► end, or a cut connection
/// </code>
/// </summary>
internal sealed class FunctionUrlFront(LambdaTwinOptions options, FunctionFleet fleet)
{
    public async Task HandleAsync(HttpContext context)
    {
        // :: Step 1: the event
        var requestId = Guid.NewGuid().ToString();
        var traceId = TraceId.For(context.Request, options.TimeProvider);
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        context.Response.Headers["X-Amzn-Trace-Id"] = traceId;
        var body = await RequestPayload.ReadAsync(context.Request).ConfigureAwait(false);
        var eventBytes = body is null ? null : EventWriter.Write(context, body, requestId, traceId, options.TimeProvider.GetUtcNow());
        if (eventBytes is null || eventBytes.Length > RequestPayload.MaxBytes)
        {
            await LambdaError.RequestTooLarge.WriteAsync(context.Response).ConfigureAwait(false);
            return;
        }

        // :: Step 2: to a function process
        var invocation = new Invocation
        {
            RequestId = requestId,
            Event = eventBytes,
            FunctionArn = options.FunctionArn,
            TraceId = traceId,
            IsStreaming = true,
            Recorder = fleet.CreateRecorder(requestId),
        };
        if (!fleet.TryInvoke(invocation))
        {
            await LambdaError.Throttled.WriteAsync(context.Response).ConfigureAwait(false);
            return;
        }

        // A client that hangs up does not stop the function: its payload is read to the end all the same.
        using var onDisconnect = context.RequestAborted.Register(invocation.Recorder.CallerDisconnected);

        // :: Step 3: status and headers, as soon as they are known
        var headSent = await TrySendHeadAsync(context, invocation).ConfigureAwait(false);
        if (!headSent)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("Internal Server Error").ConfigureAwait(false);
            await context.Response.CompleteAsync().ConfigureAwait(false);
        }

        // :: Step 4: body bytes, flushed as they come
        await PassBodyOnAsync(context, invocation, discard: !headSent).ConfigureAwait(false);

        // :: Step 5: how it ended
        var outcome = await invocation.Completed.ConfigureAwait(false);
        if (headSent && outcome.IsError)
        {
            throw new ResponseCutException(outcome);
        }
    }

    private static async Task<bool> TrySendHeadAsync(HttpContext context, Invocation invocation)
    {
        if (await invocation.ResponseStarted.ConfigureAwait(false) is not { } start)
        {
            return false;
        }

        if (start.ContentType == ResponseInspector.HttpIntegrationType)
        {
            var prelude = await ReadPreludeAsync(invocation.Payload).ConfigureAwait(false);
            if (prelude is null || !ResponseHead.TryApply(prelude, context.Response))
            {
                return false;
            }
        }
        else
        {
            // Without a prelude nothing is sent before the first byte, so that an error before it can still be told.
            var read = await invocation.Payload.ReadAsync().ConfigureAwait(false);
            invocation.Payload.AdvanceTo(read.Buffer.Start);
            if (read.Buffer.IsEmpty && (await invocation.Completed.ConfigureAwait(false)).IsError)
            {
                return false;
            }

            context.Response.ContentType = start.ContentType ?? ResponseHead.DefaultContentType;
        }

        // A flush, not StartAsync: that would leave the head in Kestrel's buffer until the first body byte.
        await SendAsync(context, ReadOnlySequence<byte>.Empty).ConfigureAwait(false);
        return true;
    }

    private static async Task<Prelude?> ReadPreludeAsync(PipeReader payload)
    {
        var reader = new PreludeReader();
        while (true)
        {
            var read = await payload.ReadAsync().ConfigureAwait(false);
            var taken = 0L;
            var status = OperationStatus.NeedMoreData;
            foreach (var segment in read.Buffer)
            {
                status = reader.Read(segment.Span, out var consumed);
                taken += consumed;
                if (status != OperationStatus.NeedMoreData)
                {
                    break;
                }
            }

            payload.AdvanceTo(read.Buffer.GetPosition(taken));
            if (status == OperationStatus.Done)
            {
                return Prelude.TryParse(reader.Json, out _);
            }

            if (status == OperationStatus.InvalidData || read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static async Task PassBodyOnAsync(HttpContext context, Invocation invocation, bool discard)
    {
        // Nothing is ever written to a payload whose response did not begin.
        var isOver = await invocation.ResponseStarted.ConfigureAwait(false) is null;
        discard |= HttpMethods.IsHead(context.Request.Method) || context.Response.StatusCode is 204 or 205 or 304;
        while (!isOver)
        {
            var read = await invocation.Payload.ReadAsync().ConfigureAwait(false);
            if (!discard && !read.Buffer.IsEmpty && !context.RequestAborted.IsCancellationRequested)
            {
                await SendAsync(context, read.Buffer).ConfigureAwait(false);
            }

            invocation.Payload.AdvanceTo(read.Buffer.End);
            isOver = read.IsCompleted;
        }
    }

    private static async Task SendAsync(HttpContext context, ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            context.Response.BodyWriter.Write(segment.Span);
        }

        try
        {
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is gone; the recorder was told, the rest is read and dropped.
        }
    }
}
