namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// The Runtime API refused a call, or its connection broke. For a poll that is the end of the environment: the process has to exit, as
/// after any 500. For an answer it concerns that one invocation (400 expired id or bad framing, 403 wrong state, 410 too late, 413 too
/// large): drop it and poll on.
/// </summary>
/// <param name="status">The HTTP status; 0 when there was none (no connection, or not HTTP).</param>
public sealed class RuntimeApiException(int status, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public int Status { get; } = status;
}
