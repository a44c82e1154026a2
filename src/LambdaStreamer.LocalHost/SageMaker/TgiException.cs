namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A request that TGI refuses, with the status it has outside a stream. Without an error type the refusal comes from the HTTP layer: its
/// body is bare text, and it has its status in a stream too.
/// </summary>
internal sealed class TgiException(int status, string? errorType, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string? ErrorType { get; } = errorType;

    public static TgiException Validation(string message) => new(422, "validation", $"Input validation error: {message}");
}
