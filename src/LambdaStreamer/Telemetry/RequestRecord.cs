using LambdaStreamer.Access;
using LambdaStreamer.Relay;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// What the operator is told of one request: filled on its way, written once, when it has ended (<see cref="RequestRecorder"/>). Holds
/// nothing of anybody's text. Times count from the event's arrival. One thread at a time.
/// </summary>
/// <param name="requestId">Lambda's.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class RequestRecord(string requestId, TimeProvider timeProvider)
{
    private readonly long _began = timeProvider.GetTimestamp();
    private TimeSpan _lastRead;
    private TimeSpan _lastTokens;

    public string RequestId => requestId;

    /// <summary>When the event arrived.</summary>
    public DateTimeOffset BeganAt { get; } = timeProvider.GetUtcNow();

    /// <summary>What X-Ray is told of; null where nobody traces this request.</summary>
    public TraceHeader? Trace { get; init; }

    /// <summary>The trace header for the endpoint; null for none.</summary>
    public string? TraceId { get; init; }

    /// <summary>The endpoint call's begin, pauses and repeats included, and its end; zero when there was no call.</summary>
    public TimeSpan CallBegan { get; private set; }

    /// <inheritdoc cref="CallBegan"/>
    public TimeSpan CallEnded { get; private set; }

    /// <summary>The first request of its process.</summary>
    public bool IsColdStart { get; init; }

    public Surface Surface { get; set; }

    /// <summary>Null where no key is asked for, or none of the function's was shown.</summary>
    public ApiKey? Key { get; set; }

    /// <summary>The model that was asked; null when the request did not come so far.</summary>
    public ServedModel? Model { get; set; }

    /// <summary>The HTTP status; 0 for a direct invocation.</summary>
    public int Status { get; set; }

    /// <summary>Bytes of the event, which holds the request.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of body sent.</summary>
    public long BytesOut { get; set; }

    /// <summary>What came of the request; null for one that was answered without the endpoint.</summary>
    public RelayOutcome? Outcome { get; private set; }

    public Ending Ending => Outcome?.Ending ?? Ending.Completed;

    /// <summary>To the read that brought the first token; null when none came.</summary>
    public TimeSpan? FirstToken { get; private set; }

    /// <summary>The whole request; set by <see cref="End"/>.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Between two reads that brought tokens: what the client waits between two deliveries.</summary>
    public LatencyHistogram InterToken { get; } = new();

    /// <summary>From a read's end until what it brought has been handed to the socket: our own time.</summary>
    public LatencyHistogram Overhead { get; } = new();

    private TimeSpan Now => timeProvider.GetElapsedTime(_began);

    /// <summary>The request is refused or failed without the endpoint.</summary>
    public void Refused(RelayError error) =>
        Outcome ??= new RelayOutcome(error.Ending, error, default, Repeats.None);

    /// <summary>The endpoint is about to be asked.</summary>
    public void Asking() => CallBegan = Now;

    /// <summary>The endpoint is done with, one way or another.</summary>
    public void Answered(RelayOutcome outcome)
    {
        CallEnded = Now;

        // A whole answer may have been refused by where it goes, for its size: that is what the client was told.
        Outcome = outcome.Error is null && Outcome?.Error is { } told ? outcome with { Ending = told.Ending, Error = told } : outcome;
    }

    /// <summary>An exception that nobody named ended the request, whatever had come of it before.</summary>
    public void Broke() => Outcome = new RelayOutcome(Ending.Defect, new RelayError(Ending.Defect, "The function failed."), default, Repeats.None);

    /// <summary>A read from the endpoint has ended.</summary>
    public void Arrived() => _lastRead = Now;

    /// <summary>The last read brought tokens.</summary>
    public void TokensArrived()
    {
        if (FirstToken is null)
        {
            FirstToken = _lastRead;
        }
        else
        {
            InterToken.Add(_lastRead - _lastTokens);
        }

        _lastTokens = _lastRead;
    }

    /// <summary>What the last read brought has been handed to the socket.</summary>
    public void Written() => Overhead.Add(Now - _lastRead);

    internal void End() => Duration = Now;
}
