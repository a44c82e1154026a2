using LambdaStreamer.Telemetry;

namespace LambdaStreamer.RuntimeApi;

/// <summary>Takes invocations one after the other and hands each to the handler, until the process is told to stop.</summary>
public sealed class InvocationLoop(
    RuntimeApiClient client, Func<Invocation, CancellationToken, ValueTask> handle, FunctionLog log)
{
    /// <summary>Returns after <paramref name="shutdown"/>; a running invocation sees the same token and ends its answer properly.</summary>
    /// <exception cref="RuntimeApiException">The environment is lost; the process has to exit with a code other than 0.</exception>
    public async Task RunAsync(CancellationToken shutdown)
    {
        while (!shutdown.IsCancellationRequested)
        {
            try
            {
                var invocation = await client.NextAsync(shutdown).ConfigureAwait(false);
                await HandleAsync(invocation, shutdown).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task HandleAsync(Invocation invocation, CancellationToken shutdown)
    {
        try
        {
            await handle(invocation, shutdown).ConfigureAwait(false);
        }
        catch (RuntimeApiException e) when (e.Status != 500)
        {
            log.Write(LogLevel.Warn, invocation.RequestId, e.Message);
        }
        catch (Exception e) when (e is not RuntimeApiException && !(e is OperationCanceledException && shutdown.IsCancellationRequested))
        {
            // The edge of the process: a defect of one invocation must reach its caller and the log, and not end the next. A cancellation
            // that nobody asked for is one too.
            // Not its message, which may quote what somebody asked.
            log.Write(LogLevel.Error, invocation.RequestId, $"Function.Defect {e.GetType()}\n{e.StackTrace}");
            await ReportDefectAsync(invocation, e).ConfigureAwait(false);
        }
    }

    private async Task ReportDefectAsync(Invocation invocation, Exception defect)
    {
        try
        {
            var error = new FunctionError("Function.Defect", $"The function failed: {defect.GetType().Name}.");

            // Also while the process is told to stop: its caller waits for an end.
            await client.ReportErrorAsync(invocation, error, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RuntimeApiException e) when (e.Status != 500)
        {
            // A streamed answer had begun (403): the connection's end has already told Lambda that it is truncated.
        }
    }
}
