namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>An error answer of the Runtime API, and the rule that was broken, if the runtime broke one.</summary>
internal sealed record Refusal(int Status, string ErrorType, string Message, ViolationKind? Kind)
{
    public static Refusal InvalidRequestId { get; } =
        new(400, "InvalidRequestID", "Invalid request ID", ViolationKind.WrongRequestId);

    public static Refusal InvalidResponseMode { get; } =
        new(400, "InvalidFunctionResponseMode", "Invalid response mode", ViolationKind.InvalidResponseMode);

    public static Refusal InvokeTimeout { get; } =
        new(410, "InvokeTimeout", "The invocation timed out or was delivered again", ViolationKind.StaleInvocationId);

    public static Refusal ResponseTooLarge { get; } = new(
        413,
        "RequestEntityTooLarge",
        $"Exceeded maximum allowed payload size ({Invocation.MaxPayloadBytes} bytes).",
        ViolationKind.ResponseTooLarge);

    /// <summary>The environment is going away; a runtime should exit promptly.</summary>
    public static Refusal ShuttingDown { get; } =
        new(500, "InternalServerError", "The execution environment is shutting down", Kind: null);

    public static Refusal InvalidState(string message) => new(403, "InvalidStateTransition", message, ViolationKind.InvalidState);

    public static Refusal Truncated(ViolationKind kind, string message) => new(400, "TruncatedHTTPRequest", message, kind);
}
