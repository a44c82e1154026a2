namespace LambdaStreamer.Relay;

/// <summary>
/// How an answer ended, named by stage and side; <see cref="Endings"/> says what each means for the client, for Lambda and for the log.
/// The names go to Lambda as <c>Function.…</c> error types: letters only.
/// </summary>
public enum Ending
{
    /// <summary>Model: its end token, or its end marker without a reason.</summary>
    Completed,

    /// <summary>Model or relay: one of the caller's stop sequences.</summary>
    Stopped,

    /// <summary>Model: the limit of new tokens.</summary>
    LengthReached,

    /// <summary>Relay: the container ran past the caller's limit of new tokens, so the relay ended the answer.</summary>
    CallerCapReached,

    /// <summary>Client: the request cannot be served as it stands. Nothing was sent to the endpoint.</summary>
    BadRequest,

    /// <summary>Client: no API key, or one that is wrong or has expired.</summary>
    KeyRefused,

    /// <summary>Client: its API key does not open this model.</summary>
    ModelForbidden,

    /// <summary>Client: it cancelled the answer.</summary>
    Cancelled,

    /// <summary>Endpoint, before the stream: too many requests.</summary>
    EndpointThrottled,

    /// <summary>Endpoint, before the stream: scaled to zero.</summary>
    EndpointNoCapacity,

    /// <summary>Endpoint, before the stream: starting, loading, or unavailable for the moment.</summary>
    EndpointNotReady,

    /// <summary>Endpoint, before the stream: SageMaker does not take the request.</summary>
    EndpointRejected,

    /// <summary>Endpoint, before the stream: it does not exist, or this function may not call it.</summary>
    EndpointDenied,

    /// <summary>Endpoint, before the stream: no connection.</summary>
    EndpointUnreachable,

    /// <summary>Endpoint, before the stream: it failed, or gave an answer that SageMaker does not give.</summary>
    EndpointFailed,

    /// <summary>Model, before the stream: the container refused the request, or failed over it.</summary>
    ContainerRefused,

    /// <summary>Endpoint: no token within the limit for the first.</summary>
    FirstTokenTimedOut,

    /// <summary>Endpoint, in the stream: silent for longer than it may be.</summary>
    IdleTimedOut,

    /// <summary>Relay: the operator's limit for a whole answer.</summary>
    TotalTimedOut,

    /// <summary>Lambda: the function's time was about to run out.</summary>
    DeadlineNear,

    /// <summary>Endpoint, in the stream: exception frame ModelStreamError.</summary>
    ModelStreamError,

    /// <summary>Endpoint, in the stream: exception frame InternalStreamFailure.</summary>
    InternalStreamFailure,

    /// <summary>Endpoint, in the stream: an error frame, or an exception that the service model does not name.</summary>
    UnmodelledError,

    /// <summary>Endpoint: the connection broke after it had accepted the request.</summary>
    ConnectionCut,

    /// <summary>Endpoint, in the stream: the body ended inside a frame.</summary>
    FrameTruncated,

    /// <summary>Endpoint, in the stream: bytes that are no frame (length, checksum, headers).</summary>
    FrameInvalid,

    /// <summary>Model: the model server reported an error inside its answer.</summary>
    ModelError,

    /// <summary>Model: a line that is too long or cannot be read.</summary>
    ModelLineInvalid,

    /// <summary>Model: an answer without a token, of objects that no dialect knows.</summary>
    ModelDialectUnknown,

    /// <summary>Model: the answer ended without the model's end marker.</summary>
    ModelEndMissing,

    /// <summary>Lambda: the largest streamed response.</summary>
    ResponseLimitReached,

    /// <summary>Relay: more text than is held for one caller.</summary>
    AnswerTooLarge,

    /// <summary>Lambda: this process was told to stop.</summary>
    Shutdown,

    /// <summary>Lambda: it does not take the answer any more, after a timeout or a reset. The client cannot be told.</summary>
    ReplyLost,

    /// <summary>Lambda: an event that claims to be an HTTP request and is broken.</summary>
    EventInvalid,

    /// <summary>Relay: an exception that nobody named.</summary>
    Defect,
}
