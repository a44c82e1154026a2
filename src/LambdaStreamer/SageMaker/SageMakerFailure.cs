namespace LambdaStreamer.SageMaker;

/// <summary>
/// What happened to a call that failed. Texts of others are capped and may quote a user's prompt; all but
/// <see cref="OriginalMessage"/> are one line.
/// </summary>
public sealed record SageMakerFailure
{
    /// <summary>What went wrong, by the side that has to act.</summary>
    public required SageMakerFailureKind Kind { get; init; }

    /// <summary>How far the call had come.</summary>
    public required SageMakerStage Stage { get; init; }

    /// <summary>For a person; SageMaker's own words where it had some.</summary>
    public required string Message { get; init; }

    /// <summary>The HTTP status, when a reply came that was not a stream.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>SageMaker's name for it, such as <c>ModelError</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>What AWS support asks for.</summary>
    public string? RequestId { get; init; }

    /// <summary>Of a model error: the status the container answered with; 0 when it didn't answer in time.</summary>
    public int? OriginalStatusCode { get; init; }

    /// <summary>
    /// Of a model error: what the container said, out of whatever JSON it said it in. Its lines are kept, as a stack trace is only told
    /// from a message by them; at most 64 KiB, the cap of the reply.
    /// </summary>
    public string? OriginalMessage { get; init; }

    /// <summary>
    /// Whether <see cref="Message"/> is the container's or repeats it, and with it perhaps a prompt: then it belongs into no log.
    /// </summary>
    public bool MayQuotePrompt => HttpStatus == 424 || OriginalStatusCode is not null || OriginalMessage is not null;

    /// <summary>How long SageMaker asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Requests that were sent for this call after the first, that to a fallback included.</summary>
    public int Retries { get; init; }

    /// <summary>What the fallback endpoint failed with, when it was asked; everything else here is the first endpoint's.</summary>
    public SageMakerFailureKind? FallbackKind { get; init; }

    /// <summary>One line without the texts of others.</summary>
    public override string ToString() =>
        $"SageMaker call failed: {Kind} at {Stage}"
        + (HttpStatus is { } status ? $", HTTP {status}" : "")
        + (ErrorCode is null ? "" : $", {ErrorCode}")
        + (RequestId is null ? "" : $", request {RequestId}")
        + (FallbackKind is { } fallback ? $"; the fallback: {fallback}" : "");

    internal static SageMakerFailure Refused(SageMakerFailureKind kind, string message) =>
        new() { Kind = kind, Stage = SageMakerStage.Request, Message = message };
}
