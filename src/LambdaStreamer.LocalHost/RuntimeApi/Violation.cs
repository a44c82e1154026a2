namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>A rule of the Runtime API that a runtime broke, whether the twin refused it or, as real Lambda does, let it pass.</summary>
public sealed record Violation(ViolationKind Kind, string Detail);

/// <summary>The rules that are watched. Refused ones answer with an error; tolerated ones are only recorded.</summary>
public enum ViolationKind
{
    /// <summary>Refused: not HTTP/1.1 as RFC 9112 writes it, or no Host.</summary>
    MalformedRequest,

    /// <summary>Refused with 404.</summary>
    UnknownRoute,

    /// <summary>Refused with 400 InvalidRequestID.</summary>
    WrongRequestId,

    /// <summary>Refused with 410 InvokeTimeout.</summary>
    StaleInvocationId,

    /// <summary>Refused with 403 InvalidStateTransition.</summary>
    InvalidState,

    /// <summary>Refused with 400 InvalidFunctionResponseMode.</summary>
    InvalidResponseMode,

    /// <summary>Refused with 413 RequestEntityTooLarge, or cut off when streaming.</summary>
    ResponseTooLarge,

    /// <summary>Refused with 400 TruncatedHTTPRequest: the body broke the chunk framing.</summary>
    MalformedChunk,

    /// <summary>Refused with 400 TruncatedHTTPRequest: the connection ended before the body did.</summary>
    TruncatedBody,

    /// <summary>Tolerated: GET /next carried a body (managed instances refuse it).</summary>
    BodyOnNext,

    /// <summary>Tolerated: Lambda-Runtime-Invocation-Id was given and not echoed.</summary>
    InvocationIdNotEchoed,

    /// <summary>Tolerated: a streamed response without Transfer-Encoding: chunked.</summary>
    NotChunked,

    /// <summary>Tolerated: a streamed response without Content-Type.</summary>
    MissingContentType,

    /// <summary>Tolerated: the two error trailers were not announced up front.</summary>
    TrailerNotAnnounced,

    /// <summary>Tolerated and ignored: a trailer came that was not announced.</summary>
    UnannouncedTrailer,

    /// <summary>Tolerated: an error type outside (Runtime|Function).Reason.</summary>
    InvalidErrorType,

    /// <summary>Tolerated: an error body that is not base64 of the error JSON (trailer), or not the error JSON (POST /error).</summary>
    InvalidErrorBody,

    /// <summary>The Function URL answers 502: no usable JSON, or no delimiter in time.</summary>
    MalformedPrelude,

    /// <summary>Tolerated: a prelude key that does not exist.</summary>
    UnknownPreludeKey,

    /// <summary>Tolerated: a prelude header that the front drops or renames.</summary>
    ForbiddenPreludeHeader,

    /// <summary>Tolerated: more than eight NUL bytes after the prelude; the rest became body.</summary>
    ExtraNul,

    /// <summary>Tolerated: a prelude with an empty body, which leaves real Function URL connections open for minutes.</summary>
    EmptyBody,
}
