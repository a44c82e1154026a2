using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Telemetry;

/// <summary>Writes one line of the log, and one of metrics where those are wanted, for each request. Thread-safe.</summary>
/// <param name="log">Where the operator reads.</param>
/// <param name="metrics">Null for none.</param>
/// <param name="traces">Null for none.</param>
/// <param name="timeProvider">The clock of the figures.</param>
public sealed class RequestRecorder(FunctionLog log, MetricsLog? metrics, TraceDaemon? traces, TimeProvider timeProvider)
{
    private int _begun;

    public RequestRecord Begin(Invocation invocation)
    {
        var trace = traces is null ? null : TraceHeader.Parse(invocation.TraceId);
        return new(invocation.RequestId, timeProvider)
        {
            IsColdStart = Interlocked.Exchange(ref _begun, 1) == 0,
            BytesIn = invocation.Event.Length,
            Trace = trace,
            TraceId = trace?.ToString() ?? invocation.TraceId,
        };
    }

    /// <summary>Called once for each record, when the client has its answer.</summary>
    public void End(RequestRecord record)
    {
        record.End();

        // The loop's own line tells of a defect, with its stack trace.
        if (record.Ending != Ending.Defect)
        {
            log.Write(record);
        }

        metrics?.Write(record, timeProvider.GetUtcNow());
        if (record is { Trace: { } trace, CallEnded.Ticks: > 0 })
        {
            traces?.Send(record, trace);
        }
    }
}
