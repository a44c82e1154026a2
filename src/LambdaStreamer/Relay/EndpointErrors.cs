using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Relay;

/// <summary>
/// What a client is told of a failed SageMaker call. The operator's faults keep their details for the log: they name accounts, roles and
/// endpoints.
/// </summary>
internal static class EndpointErrors
{
    public static RelayError Of(SageMakerFailure failure)
    {
        var error = Name(failure);
        return error with
        {
            RetryAfter = error.RetryAfter is null ? null : failure.RetryAfter ?? error.RetryAfter,
            Detail = !failure.MayQuotePrompt && MayBeLogged(failure.Kind) ? $"{failure}: {failure.Message}" : failure.ToString(),
        };
    }

    /// <summary>These texts are SageMaker's or .NET's own; those of other kinds may quote a prompt.</summary>
    private static bool MayBeLogged(SageMakerFailureKind kind) => kind
        is SageMakerFailureKind.NotFound or SageMakerFailureKind.AccessDenied
        or SageMakerFailureKind.ExpiredCredentials or SageMakerFailureKind.Credentials
        or SageMakerFailureKind.TlsFailed or SageMakerFailureKind.ConnectFailed
        or SageMakerFailureKind.NoCapacity;

    private static RelayError Name(SageMakerFailure failure) => failure.Kind switch
    {
        SageMakerFailureKind.Validation when failure.Stage == SageMakerStage.Request => RelayError.BadRequest(400, failure.Message),
        SageMakerFailureKind.Validation => new(Ending.EndpointRejected, PublicText.Of(failure.Message)),
        SageMakerFailureKind.TooLarge when failure.Stage == SageMakerStage.Request => RelayError.BadRequest(413, failure.Message),
        SageMakerFailureKind.TooLarge =>
            new(Ending.EndpointRejected, "The request is larger than the endpoint takes.") { Status = 413 },
        SageMakerFailureKind.Throttled => new(Ending.EndpointThrottled, "The endpoint is throttled; try again."),
        SageMakerFailureKind.NoCapacity =>
            new(Ending.EndpointNoCapacity, "The endpoint has no capacity at present; it may be starting, which takes minutes."),
        SageMakerFailureKind.ModelNotReady => new(Ending.EndpointNotReady, "The model is not ready yet; try again."),
        SageMakerFailureKind.ServiceUnavailable => new(Ending.EndpointNotReady, "The endpoint is unavailable; try again."),
        SageMakerFailureKind.NotFound => new(Ending.EndpointDenied, "The endpoint of this function does not exist."),
        SageMakerFailureKind.AccessDenied or SageMakerFailureKind.ExpiredCredentials or SageMakerFailureKind.Credentials =>
            new(Ending.EndpointDenied, "This function may not call its endpoint."),
        SageMakerFailureKind.ModelError => OfContainer(failure),
        SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.TlsFailed =>
            new(Ending.EndpointUnreachable, "The endpoint cannot be reached."),
        SageMakerFailureKind.ConnectTimedOut =>
            new(Ending.EndpointUnreachable, "The endpoint did not accept a connection in time.") { Status = 504 },
        SageMakerFailureKind.ConnectionCut => new(Ending.ConnectionCut, "The connection to the endpoint broke."),
        SageMakerFailureKind.FirstTokenTimedOut => new(Ending.FirstTokenTimedOut, "The model did not begin to answer in time."),
        SageMakerFailureKind.IdleTimedOut => new(Ending.IdleTimedOut, "The endpoint fell silent in the middle of its answer."),
        SageMakerFailureKind.TotalTimedOut => new(Ending.TotalTimedOut, "The answer took longer than this function allows."),
        SageMakerFailureKind.DeadlineNear => new(Ending.DeadlineNear, "The function's time ran out before the answer ended."),
        _ => new(Ending.EndpointFailed, "The endpoint failed."),
    };

    /// <summary>SageMaker wraps the container's own status in a 424; a client error of the container is one of our client.</summary>
    private static RelayError OfContainer(SageMakerFailure failure)
    {
        var original = PublicText.Of(failure.OriginalMessage ?? "");
        var message = original.Length == 0 ? "The model container failed." : original;
        return failure.OriginalStatusCode switch
        {
            429 => new(Ending.EndpointThrottled, message),
            503 => new(Ending.EndpointNotReady, message),
            >= 400 and < 500 and var status => new(Ending.ContainerRefused, message) { Status = status, Type = "validation" },
            0 => new(Ending.FirstTokenTimedOut, "The model container did not answer in time."),
            _ => new(Ending.ContainerRefused, message),
        };
    }
}
