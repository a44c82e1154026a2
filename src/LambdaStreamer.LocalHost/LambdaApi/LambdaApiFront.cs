using System.Buffers;
using System.Text.Json;
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

    private readonly InFlight _asynchronous = new();

    /// <summary>Completes when the asynchronous calls that were accepted are done.</summary>
    public Task AsynchronousCallsDoneAsync() => _asynchronous.WhenAllAsync();

    public Task HandleAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").Split('/');
        return (context.Request.Method, path) switch
        {
            ("POST", ["", "2015-03-31", "functions", var name, "invocations"]) => InvokeAsync(context, name, isStreaming: false),
            ("POST", ["", "2021-11-15", "functions", var name, "response-streaming-invocations"]) =>
                InvokeAsync(context, name, isStreaming: true),
            _ => new LambdaError(404, "UnknownOperationException", "no such operation").WriteAsync(context.Response),
        };
    }

    private async Task InvokeAsync(HttpContext context, string name, bool isStreaming)
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
            _asynchronous.Add(CollectAsync(invocation));
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        // :: Step 3: the answer
        context.Response.Headers["X-Amz-Executed-Version"] = "$LATEST";
        using var onDisconnect = context.RequestAborted.Register(invocation.Recorder.CallerDisconnected);
        await (isStreaming ? StreamAsync(context, invocation, call) : BufferAsync(context, invocation, call)).ConfigureAwait(false);
    }
}
