namespace LambdaStreamer.Relay;

/// <summary>What ended a relayed stream other than success, named by stage and side.</summary>
public enum RelayErrorKind
{
    /// <summary>Client side: the request cannot be served as it stands. Nothing was sent to the endpoint.</summary>
    BadRequest,

    /// <summary>Endpoint side, before the stream: it refused, or could not be reached in time.</summary>
    EndpointRefused,

    /// <summary>Endpoint side, in the stream: an exception or error frame.</summary>
    EndpointException,

    /// <summary>Endpoint side: silent, before the stream or in it, for longer than it may be.</summary>
    EndpointTimedOut,

    /// <summary>Endpoint side: the connection broke, before the stream or in it, or ended inside a frame.</summary>
    EndpointCut,

    /// <summary>Endpoint side, in the stream: bytes that are no frame (length, checksum, headers).</summary>
    FrameInvalid,

    /// <summary>Model side: the model server reported an error inside its answer.</summary>
    ModelError,

    /// <summary>Model side: a line that is too long or cannot be read.</summary>
    ModelLineInvalid,

    /// <summary>Model side: the answer ended without the model's end marker.</summary>
    ModelEndMissing,

    /// <summary>Relay side: a buffered answer grew beyond what is held for one caller.</summary>
    AnswerTooLarge,

    /// <summary>Client side: a cancel call ended the answer.</summary>
    Cancelled,

    /// <summary>Relay side: this process was told to stop.</summary>
    Shutdown,
}
