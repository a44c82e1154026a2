namespace LambdaStreamer.SageMaker;

/// <summary>
/// What is worth another request, where, and after what pause. The pauses are those of an interactive stream: a token is awaited by a
/// person, so they start at tens of milliseconds and not at the SDKs' second.
/// </summary>
/// <remarks>
/// A generation that may have begun is not asked for again: it costs a GPU's time, and may be at work still. What each failure before a
/// stream tells of the model:
/// <list type="bullet">
/// <item>Never had the request: throttled, no capacity, not ready, a 503, no connection, refused keys or signatures, a model error with
/// the container's 429 or 503.</item>
/// <item>May have had it, but is not at work: a 500, 530 or 502. SageMaker lost the container or its own way before the container's answer
/// began; AWS asks to try again. Repeated, and told (<see cref="MayHaveRun"/>).</item>
/// <item>May be at work: a 504, a model error with status 0 (the container's time ran out), a clock of ours that ended the wait, a
/// connection that died with the request on it. Not repeated, with one exception: a connection from the pool that is found dead within 2 s
/// of the request most likely died while the function was frozen, before the request; that is repeated once, and told.</item>
/// </list>
/// </remarks>
internal static class RetryPolicy
{
    // A longer wait is for the client to decide; it gets told.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(2);

    private const double FirstPauseMinMilliseconds = 25;
    private const double FirstPauseMaxMilliseconds = 100;

    /// <summary>Whether the same request may succeed in a moment. Only asked while nothing of a stream was handed out.</summary>
    public static bool IsWorthwhile(SageMakerFailure failure)
    {
        if (failure.RetryAfter > LongestRetryAfter)
        {
            return false;
        }

        return failure.Kind switch
        {
            SageMakerFailureKind.Throttled or SageMakerFailureKind.ModelNotReady => true,
            SageMakerFailureKind.ServiceUnavailable => failure.HttpStatus != 504,
            SageMakerFailureKind.InternalFailure => failure.HttpStatus != 530,
            SageMakerFailureKind.ModelError => failure.OriginalStatusCode is 429 or 503,
            SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.ConnectTimedOut => true,
            _ => false,
        };
    }

    /// <summary>Whether another endpoint may serve what this one would not, however long this one will be unable to.</summary>
    public static bool MayFallBack(SageMakerFailure failure) => failure.Kind switch
    {
        SageMakerFailureKind.Throttled or SageMakerFailureKind.NoCapacity or SageMakerFailureKind.ModelNotReady => true,
        SageMakerFailureKind.ServiceUnavailable => failure.HttpStatus != 504,
        SageMakerFailureKind.InternalFailure => true,
        SageMakerFailureKind.ModelError => failure.OriginalStatusCode is 429 or 503,
        SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.ConnectTimedOut => true,
        _ => false,
    };

    /// <summary>Whether the model may have had the request that failed so.</summary>
    public static bool MayHaveRun(SageMakerFailure failure) => failure.Kind switch
    {
        SageMakerFailureKind.InternalFailure => true,
        SageMakerFailureKind.ServiceUnavailable => failure.HttpStatus is 502 or 504,
        SageMakerFailureKind.ModelError => failure.OriginalStatusCode is not (429 or 503),
        SageMakerFailureKind.ConnectionCut => true,
        _ => false,
    };

    /// <summary>What a repeat after this failure takes from the <see cref="RetryBudget"/>.</summary>
    public static int Cost(SageMakerFailure failure) =>
        failure.Kind is SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.ConnectTimedOut
            ? RetryBudget.CostAfterConnect
            : RetryBudget.Cost;

    /// <summary>Uniform between bounds that double with each retry; at least what the service asked for.</summary>
    /// <param name="retry">1 before the second request.</param>
    /// <param name="retryAfter">What the service asked for.</param>
    public static TimeSpan Pause(int retry, TimeSpan? retryAfter)
    {
        var factor = 1 << (retry - 1);
        var spread = FirstPauseMaxMilliseconds - FirstPauseMinMilliseconds;
        var pause = TimeSpan.FromMilliseconds(factor * (FirstPauseMinMilliseconds + (Random.Shared.NextDouble() * spread)));
        return retryAfter > pause ? retryAfter.Value : pause;
    }
}
