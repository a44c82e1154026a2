namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>The ways in which the twin can fail on demand. Stages from the outside in: connection, status, stream, container.</summary>
public enum FaultKind
{
    /// <summary>Nothing fails; the bytes may still be cut into other parts and writes.</summary>
    None,

    /// <summary>The connection is reset before a response byte.</summary>
    Drop,

    /// <summary>Silence before the response's headers.</summary>
    StallHeaders,

    /// <summary>400 as SageMaker really throttles: <c>{"message":null}</c> and no error type.</summary>
    Throttle,

    /// <summary>400 ThrottlingException.</summary>
    ThrottleNamed,

    /// <summary>424 ModelError: the container answered with an error status.</summary>
    ModelError,

    /// <summary>429 ModelNotReadyException.</summary>
    NotReady,

    /// <summary>500 InternalFailure.</summary>
    InternalFailure,

    /// <summary>503 ServiceUnavailable.</summary>
    Unavailable,

    /// <summary>530 InternalDependencyException.</summary>
    DependencyFailure,

    /// <summary>400 ValidationError: the inference component is scaled to zero.</summary>
    NoCapacity,

    /// <summary>403 AccessDeniedException.</summary>
    AccessDenied,

    /// <summary>An exception frame ModelStreamError.</summary>
    ModelStreamError,

    /// <summary>An exception frame InternalStreamFailure.</summary>
    InternalStreamFailure,

    /// <summary>A frame of message type error, which SageMaker's model does not know.</summary>
    ErrorFrame,

    /// <summary>The container's own error event or line, in its dialect, then the end.</summary>
    TgiError,

    /// <summary>Half a frame, then a well-formed end of the HTTP body.</summary>
    Truncate,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>A well-formed end although the model has not finished.</summary>
    End,

    /// <summary>Silence, without keep-alive comments; for ever or for a time, after which the stream goes on.</summary>
    Stall,

    /// <summary>One frame's message CRC is wrong; the stream goes on.</summary>
    BadCrc,
}
