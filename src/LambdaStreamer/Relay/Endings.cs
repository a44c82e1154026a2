using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Relay;

/// <summary>The one table of endings. <c>src/docs/endings.md</c> shows it to readers; a test holds the two together.</summary>
public static class Endings
{
    /// <summary>TGI's <c>error_type</c> for an answer that stops in the middle.</summary>
    private const string Incomplete = "incomplete_generation";

    private static readonly EndingRule[] Rules =
    [
        new(Ending.Completed, EndingSide.Model, 200, null, LogLevel.Info),
        new(Ending.Stopped, EndingSide.Model, 200, null, LogLevel.Info),
        new(Ending.LengthReached, EndingSide.Model, 200, null, LogLevel.Info),
        new(Ending.CallerCapReached, EndingSide.Relay, 200, null, LogLevel.Warn),
        new(Ending.BadRequest, EndingSide.Client, 400, "validation", LogLevel.Info),
        new(Ending.KeyRefused, EndingSide.Client, 401, "authentication", LogLevel.Warn),
        new(Ending.ModelForbidden, EndingSide.Client, 403, "permission", LogLevel.Warn),
        new(Ending.Cancelled, EndingSide.Client, 409, "cancelled", LogLevel.Info),
        new(Ending.EndpointThrottled, EndingSide.Endpoint, 429, "overloaded", LogLevel.Warn, RetryAfterSeconds: 1),
        new(Ending.EndpointNoCapacity, EndingSide.Endpoint, 503, "no_capacity", LogLevel.Warn, RetryAfterSeconds: 60),
        new(Ending.EndpointNotReady, EndingSide.Endpoint, 503, "overloaded", LogLevel.Warn, RetryAfterSeconds: 5),
        new(Ending.EndpointRejected, EndingSide.Endpoint, 400, "validation", LogLevel.Warn),
        new(Ending.EndpointDenied, EndingSide.Endpoint, 502, "endpoint", LogLevel.Error),
        new(Ending.EndpointUnreachable, EndingSide.Endpoint, 502, "endpoint", LogLevel.Error),
        new(Ending.EndpointFailed, EndingSide.Endpoint, 502, "endpoint", LogLevel.Error),
        new(Ending.ContainerRefused, EndingSide.Model, 502, "generation", LogLevel.Warn),
        new(Ending.FirstTokenTimedOut, EndingSide.Endpoint, 504, "timeout", LogLevel.Error),
        new(Ending.IdleTimedOut, EndingSide.Endpoint, 504, "timeout", LogLevel.Error),
        new(Ending.TotalTimedOut, EndingSide.Relay, 504, "timeout", LogLevel.Warn),
        new(Ending.DeadlineNear, EndingSide.Lambda, 504, "timeout", LogLevel.Error),
        new(Ending.ModelStreamError, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.InternalStreamFailure, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.UnmodelledError, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.ConnectionCut, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.FrameTruncated, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.FrameInvalid, EndingSide.Endpoint, 502, Incomplete, LogLevel.Error),
        new(Ending.ModelError, EndingSide.Model, 500, "generation", LogLevel.Warn),
        new(Ending.ModelLineInvalid, EndingSide.Model, 502, Incomplete, LogLevel.Error),
        new(Ending.ModelDialectUnknown, EndingSide.Model, 502, Incomplete, LogLevel.Error),
        new(Ending.ModelEndMissing, EndingSide.Model, 502, Incomplete, LogLevel.Error),
        new(Ending.ResponseLimitReached, EndingSide.Lambda, 502, "response_limit", LogLevel.Error),
        new(Ending.AnswerTooLarge, EndingSide.Relay, 502, "response_limit", LogLevel.Warn),
        new(Ending.Shutdown, EndingSide.Lambda, 503, "shutdown", LogLevel.Warn, RetryAfterSeconds: 1),
        new(Ending.ReplyLost, EndingSide.Lambda, 502, Incomplete, LogLevel.Error),
        new(Ending.EventInvalid, EndingSide.Lambda, 502, "validation", LogLevel.Error),
        new(Ending.Defect, EndingSide.Relay, 502, "internal", LogLevel.Error),
    ];

    /// <summary>A row for each ending, in their order.</summary>
    public static ReadOnlySpan<EndingRule> All => Rules;

    public static EndingRule Of(Ending ending) => Rules[(int)ending];
}
