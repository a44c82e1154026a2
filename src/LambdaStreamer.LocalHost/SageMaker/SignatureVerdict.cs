namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>What the twin thinks of a request's signature: AWS's error type and message, or none.</summary>
public sealed record SignatureVerdict(string? ErrorType, string? Message)
{
    /// <summary>Signed by whom it should be, for what it should be, now.</summary>
    public static SignatureVerdict Valid { get; } = new(null, null);

    public bool IsValid => ErrorType is null;
}
