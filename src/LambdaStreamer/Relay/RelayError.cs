namespace LambdaStreamer.Relay;

/// <summary>One failure as its three readers need it: the HTTP client, the Lambda service, the log.</summary>
/// <param name="Kind">Stage and side.</param>
/// <param name="Status">The HTTP status while none has been sent.</param>
/// <param name="Type">TGI's <c>error_type</c> for the client, snake case.</param>
/// <param name="Message">For the client; says what is wrong and, where the client can do something, what.</param>
public sealed record RelayError(RelayErrorKind Kind, int Status, string Type, string Message)
{
    /// <summary>
    /// For the log, instead of the message: what the operator can do something with. Never text of users. Null where the message is our
    /// own.
    /// </summary>
    public string? Detail { get; init; }

    /// <summary>The client's own fault; nothing was sent to the endpoint.</summary>
    public static RelayError BadRequest(int status, string message) => new(RelayErrorKind.BadRequest, status, "validation", message);

    /// <summary>
    /// The Lambda error type. The Runtime API keeps it only if it matches <c>(Runtime|Function)\.[A-Z][a-zA-Z]+</c>, as the kinds' names
    /// do.
    /// </summary>
    public string LambdaType => $"Function.{Kind}";
}
