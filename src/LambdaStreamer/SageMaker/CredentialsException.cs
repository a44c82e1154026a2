namespace LambdaStreamer.SageMaker;

/// <summary>No usable credentials could be had.</summary>
/// <param name="message">What was asked, and what came back.</param>
/// <param name="isTransient">Whether asking again in a moment may help: a cut connection or a 5xx, not a refusal.</param>
/// <param name="inner">What the platform reported, if anything.</param>
public sealed class CredentialsException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether asking again in a moment may help.</summary>
    public bool IsTransient { get; } = isTransient;
}
