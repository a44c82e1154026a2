namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>A request that its container refuses; each container writes it in its own shape.</summary>
/// <param name="message">What is wrong, in the container's words where they are known.</param>
/// <param name="param">The member that is wrong; null when it is no single one.</param>
internal sealed class OpenAIException(string message, string? param = null) : Exception(message)
{
    public int Status { get; init; } = StatusCodes.Status400BadRequest;

    public string? Param { get; } = param;
}
