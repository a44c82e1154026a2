using System.Buffers;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.LocalHost.FunctionUrl;
using LambdaStreamer.LocalHost.Processes;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>
/// The two invoke calls of the Lambda API. Signatures are not verified: whoever reaches the loopback port may call. Versions and aliases do
/// not exist; any well-formed qualifier leads to the one function and stands in the ARN that it is told.
/// </summary>
internal sealed class LambdaApiFront(LambdaTwinOptions options, FunctionFleet fleet)
{
    private const string EventStreamType = "application/vnd.amazon.eventstream";

    private readonly Lock _lock = new();
    private readonly List<Task> _asynchronous = [];

    /// <summary>Completes when the asynchronous calls that were accepted are done.</summary>
    public Task AsynchronousCallsDoneAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_asynchronous);
        }
    }

    public Task HandleAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").Split('/');
        return (context.Request.Method, path) switch
        {
            ("POST", ["", "2015-03-31", "functions", _, "invocations"]) => InvokeAsync(context, isStreaming: false),
            ("POST", ["", "2021-11-15", "functions", _, "response-streaming-invocations"]) => InvokeAsync(context, isStreaming: true),
            _ => new LambdaError(404, "UnknownOperationException", "no such operation").WriteAsync(context.Response),
        };
    }

    private async Task InvokeAsync(HttpContext context, bool isStreaming)
    {
        // :: Step 1: what is asked
        var requestId = Guid.NewGuid().ToString();
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        var (call, error) = await InvokeRequest.ReadAsync(context.Request, options, isStreaming).ConfigureAwait(false);
        if (call is null)
        {
            await error!.WriteAsync(context.Response).ConfigureAwait(false);
            return;
        }

        // :: Step 2: dry run, asynchronous, or now
        if (call.InvocationType == "DryRun")
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var invocation = new Invocation
        {
            RequestId = requestId,
            Event = call.Payload,
            FunctionArn = call.Qualifier is null ? options.FunctionArn : $"{options.FunctionArn}:{call.Qualifier}",
            TraceId = TraceId.For(context.Request, options.TimeProvider),
            ClientContext = call.ClientContext,
            IsStreaming = isStreaming,
            Recorder = fleet.CreateRecorder(requestId),
        };
        var isAsynchronous = call.InvocationType == "Event";
        if (!fleet.TryInvoke(invocation, mayQueue: isAsynchronous))
        {
            await LambdaError.Throttled.WriteAsync(context.Response).ConfigureAwait(false);
            return;
        }

        if (isAsynchronous)
        {
            lock (_lock)
            {
                _asynchronous.RemoveAll(call => call.IsCompleted);
                _asynchronous.Add(CollectAsync(invocation));
            }

            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        // :: Step 3: the answer
        context.Response.Headers["X-Amz-Executed-Version"] = "$LATEST";
        using var onDisconnect = context.RequestAborted.Register(invocation.Recorder.CallerDisconnected);
        await (isStreaming ? StreamAsync(context, invocation, call) : BufferAsync(context, invocation, call)).ConfigureAwait(false);
    }

    private static async Task<byte[]> CollectAsync(Invocation invocation)
    {
        using var payload = new MemoryStream();
        var isOver = await invocation.ResponseStarted.ConfigureAwait(false) is null;
        while (!isOver)
        {
            var read = await invocation.Payload.ReadAsync().ConfigureAwait(false);
            foreach (var segment in read.Buffer)
            {
                payload.Write(segment.Span);
            }

            invocation.Payload.AdvanceTo(read.Buffer.End);
            isOver = read.IsCompleted;
        }

        return payload.ToArray();
    }

    // A streamed response arrives here as it was sent: prelude, delimiter and body in one.
    private static async Task BufferAsync(HttpContext context, Invocation invocation, InvokeRequest call)
    {
        var payload = await CollectAsync(invocation).ConfigureAwait(false);
        var outcome = await invocation.Completed.ConfigureAwait(false);
        if (outcome.IsError)
        {
            context.Response.Headers["X-Amz-Function-Error"] = "Unhandled";
        }

        if (call.WantsLog)
        {
            await invocation.Reported.ConfigureAwait(false);
            context.Response.Headers["X-Amz-Log-Result"] = invocation.Log.ToBase64();
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(outcome.IsError ? outcome.ErrorBody : payload).ConfigureAwait(false);
    }

    private static async Task StreamAsync(HttpContext context, Invocation invocation, InvokeRequest call)
    {
        context.Response.ContentType = EventStreamType;
        var isOver = await invocation.ResponseStarted.ConfigureAwait(false) is null;
        while (!isOver)
        {
            var read = await invocation.Payload.ReadAsync().ConfigureAwait(false);
            if (!read.Buffer.IsEmpty)
            {
                var piece = read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray();
                await SendAsync(context, piece, isComplete: false).ConfigureAwait(false);
            }

            invocation.Payload.AdvanceTo(read.Buffer.End);
            isOver = read.IsCompleted;
        }

        var outcome = await invocation.Completed.ConfigureAwait(false);
        if (call.WantsLog)
        {
            await invocation.Reported.ConfigureAwait(false);
        }

        var complete = CompleteEvent(outcome, call.WantsLog ? invocation.Log.ToBase64() : null);
        await SendAsync(context, complete, isComplete: true).ConfigureAwait(false);
    }

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> payload, bool isComplete)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        FrameEncoder.WriteEvent(
            context.Response.BodyWriter,
            isComplete ? "InvokeComplete"u8 : "PayloadChunk"u8,
            isComplete ? "application/json"u8 : "application/octet-stream"u8,
            payload.Span);
        try
        {
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller is gone; the recorder was told, and the rest is read and dropped.
        }
    }

    private static byte[] CompleteEvent(InvocationOutcome outcome, string? logResult) =>
        AwsJson.Object(writer =>
        {
            if (outcome.IsError)
            {
                writer.WriteString("ErrorCode"u8, outcome.ErrorType);
                writer.WriteString("ErrorDetails"u8, outcome.ErrorBody.Span);
            }

            if (logResult is not null)
            {
                writer.WriteString("LogResult"u8, logResult);
            }
        });
}
