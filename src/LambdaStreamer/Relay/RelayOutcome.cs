using LambdaStreamer.SageMaker;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>What came of one relayed answer, for the log.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="Error">What the client was told; null for a success.</param>
/// <param name="Usage">What is known of its size.</param>
/// <param name="UnknownCount">Lines of the container's answer that no dialect knows.</param>
/// <param name="Repeats">How often the endpoint was asked again.</param>
/// <param name="EndpointRequestId">SageMaker's id of the request that was answered; null when none was.</param>
public sealed record RelayOutcome(
    Ending Ending, RelayError? Error, Usage Usage, int UnknownCount, Repeats Repeats, string? EndpointRequestId)
{
    /// <summary><c>name=value</c> pairs, nothing of a user's text.</summary>
    public override string ToString() =>
        $"ending={Ending} side={Endings.Of(Ending).Side}"
        + $" tokens={Usage.GeneratedTokens}{(Usage.IsCounted ? " (counted)" : "")}"
        + (Usage.InputTokens is { } inputTokens ? $" input_tokens={inputTokens}" : "")
        + (UnknownCount > 0 ? $" unknown_lines={UnknownCount}" : "")
        + (Repeats.Count > 0 ? $" retries={Repeats.Count} cause={Repeats.Cause}" : "")
        + (Repeats.MayHaveRun ? " may_have_run_twice" : "")
        + (Repeats.UsedFallback ? " fallback" : "")
        + (EndpointRequestId is null ? "" : $" endpoint_request={EndpointRequestId}")
        + (Error is null ? "" : $" type={Error.LambdaType} {Error.Detail ?? Error.Message}");
}
