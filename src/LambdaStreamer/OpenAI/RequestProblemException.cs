using LambdaStreamer.Relay;

namespace LambdaStreamer.OpenAI;

/// <summary>A request that cannot be served as it stands. Thrown by the parsers and bodies of this folder, caught by its surface.</summary>
internal sealed class RequestProblemException(RelayError error) : Exception(error.Message)
{
    /// <param name="param">The member at fault, as OpenAI writes its place: <c>messages[0].content</c>.</param>
    /// <param name="message">For the caller.</param>
    public RequestProblemException(string? param, string message)
        : this(RelayError.BadRequest(400, message) with { Param = param })
    {
    }

    public RelayError Error { get; } = error;
}
