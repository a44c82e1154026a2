namespace LambdaStreamer.EventStream;

/// <summary>What the <c>:message-type</c> header says.</summary>
public enum FrameKind
{
    /// <summary><c>:message-type</c> is missing, is no string, or is a word that the protocol does not define.</summary>
    Unknown,

    /// <summary>Part of the stream; <see cref="Frame.EventType"/> says which.</summary>
    Event,

    /// <summary>A failure that the service's model knows; <see cref="Frame.ExceptionType"/> names it, the payload describes it.</summary>
    Exception,

    /// <summary>A failure outside the service's model: <see cref="Frame.ErrorCode"/> and <see cref="Frame.ErrorMessage"/>.</summary>
    Error,
}
