using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Relay;

/// <summary>What one <see cref="Ending"/> means.</summary>
/// <param name="Ending">The row's key.</param>
/// <param name="Side">Who ended the answer.</param>
/// <param name="Status">The HTTP status while none has been sent. Where the container or SageMaker told one of its own, that one wins.</param>
/// <param name="Type"><c>error_type</c> of the error event or body; null for a success.</param>
/// <param name="Level">Of the line in the log.</param>
/// <param name="RetryAfterSeconds">The Retry-After header of the refusal, where waiting helps.</param>
public sealed record EndingRule(
    Ending Ending, EndingSide Side, int Status, string? Type, LogLevel Level, int? RetryAfterSeconds = null)
{
    public TimeSpan? RetryAfter => RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public bool IsSuccess => Type is null;

    /// <summary>
    /// The Lambda error type. The Runtime API keeps it only if it matches <c>(Runtime|Function)\.[A-Z][a-zA-Z]+</c>. Null for a success.
    /// </summary>
    public string? LambdaType => IsSuccess ? null : $"Function.{Ending}";
}
