namespace LambdaStreamer.SageMaker;

/// <summary>
/// What is worth another request, and after what pause. The pauses are those of an interactive stream: a token is awaited by a person, so
/// they start at tens of milliseconds and not at the SDKs' second.
/// </summary>
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
            SageMakerFailureKind.Throttled or SageMakerFailureKind.ModelNotReady or SageMakerFailureKind.ServiceUnavailable => true,
            SageMakerFailureKind.InternalFailure => failure.HttpStatus != 530,
            SageMakerFailureKind.ModelError => failure.OriginalStatusCode is 429 or 503,
            SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.ConnectTimedOut or SageMakerFailureKind.ConnectionCut => true,
            _ => false,
        };
    }

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
