using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Relay;

/// <summary>
/// What a client is told of a failed SageMaker call. The operator's faults keep their details for the log: they name accounts, roles and
/// endpoints.
/// </summary>
internal static class EndpointErrors
{
    public static RelayError Of(SageMakerFailure failure) => Name(failure) with
    {
        // These texts are SageMaker's or .NET's own; those of other kinds may quote a prompt.
        Detail = failure.Kind is SageMakerFailureKind.NotFound or SageMakerFailureKind.AccessDenied
            or SageMakerFailureKind.ExpiredCredentials or SageMakerFailureKind.Credentials
            or SageMakerFailureKind.TlsFailed or SageMakerFailureKind.ConnectFailed
            or SageMakerFailureKind.NoCapacity
            ? $"{failure}: {failure.Message}"
            : failure.ToString(),
    };

    private static RelayError Name(SageMakerFailure failure) => failure.Kind switch
    {
        SageMakerFailureKind.Validation when failure.Stage == SageMakerStage.Request => RelayError.BadRequest(400, failure.Message),
        SageMakerFailureKind.Validation => Refused(400, "validation", failure.Message),
        SageMakerFailureKind.TooLarge when failure.Stage == SageMakerStage.Request => RelayError.BadRequest(413, failure.Message),
        SageMakerFailureKind.TooLarge => Refused(413, "validation", "The request is larger than the endpoint takes."),
        SageMakerFailureKind.Throttled => Refused(429, "overloaded", "The endpoint is throttled; try again."),
        SageMakerFailureKind.NoCapacity =>
            Refused(503, "no_capacity", "The endpoint has no capacity at present; it may be starting, which takes minutes."),
        SageMakerFailureKind.ModelNotReady => Refused(503, "overloaded", "The model is not ready yet; try again."),
        SageMakerFailureKind.ServiceUnavailable => Refused(503, "overloaded", "The endpoint is unavailable; try again."),
        SageMakerFailureKind.NotFound => Refused(502, "endpoint", "The endpoint of this function does not exist."),
        SageMakerFailureKind.AccessDenied or SageMakerFailureKind.ExpiredCredentials or SageMakerFailureKind.Credentials =>
            Refused(502, "endpoint", "This function may not call its endpoint."),
        SageMakerFailureKind.ModelError => OfContainer(failure),
        SageMakerFailureKind.ConnectFailed or SageMakerFailureKind.TlsFailed => Refused(502, "endpoint", "The endpoint cannot be reached."),
        SageMakerFailureKind.ConnectTimedOut => Refused(504, "endpoint", "The endpoint did not accept a connection in time."),
        SageMakerFailureKind.ConnectionCut =>
            new(RelayErrorKind.EndpointCut, 502, "incomplete_generation", "The connection to the endpoint broke."),
        SageMakerFailureKind.FirstTokenTimedOut =>
            new(RelayErrorKind.EndpointTimedOut, 504, "timeout", "The endpoint did not begin to answer in time."),
        SageMakerFailureKind.IdleTimedOut =>
            new(RelayErrorKind.EndpointTimedOut, 504, "timeout", "The endpoint fell silent in the middle of its answer."),
        SageMakerFailureKind.DeadlineNear =>
            new(RelayErrorKind.EndpointTimedOut, 504, "timeout", "The function's time ran out before the endpoint answered."),
        _ => Refused(502, "endpoint", "The endpoint failed."),
    };

    /// <summary>SageMaker wraps the container's own status in a 424; a client error of the container is one of our client.</summary>
    private static RelayError OfContainer(SageMakerFailure failure)
    {
        var message = failure.OriginalMessage is { Length: > 0 } original ? original : "The model container failed.";
        return failure.OriginalStatusCode switch
        {
            429 => Refused(429, "overloaded", message),
            503 => Refused(503, "overloaded", message),
            >= 400 and < 500 and var status => Refused(status, "validation", message),
            0 => Refused(504, "timeout", "The model container did not answer in time."),
            _ => Refused(502, "generation", message),
        };
    }

    private static RelayError Refused(int status, string type, string message) =>
        new(RelayErrorKind.EndpointRefused, status, type, message);
}
