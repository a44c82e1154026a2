namespace LambdaStreamer.Relay;

/// <summary>One failure as its three readers need it: the HTTP client, the Lambda service, the log.</summary>
/// <param name="Ending">Stage and side; decides what follows below unless it was told better.</param>
/// <param name="Message">For the client; says what is wrong and, where the client can do something, what. No secrets, nothing of the
/// operator's.</param>
public sealed record RelayError(Ending Ending, string Message)
{
    /// <summary>The HTTP status while none has been sent.</summary>
    public int Status { get; init; } = Endings.Of(Ending).Status;

    /// <summary>TGI's <c>error_type</c> for the client, snake case.</summary>
    public string Type { get; init; } = Endings.Of(Ending).Type!;

    /// <summary>When the client may come again; null when waiting changes nothing.</summary>
    public TimeSpan? RetryAfter { get; init; } = Endings.Of(Ending).RetryAfter;

    /// <summary>OpenAI's <c>param</c>: the member of the request that is at fault; null where there is none.</summary>
    public string? Param { get; init; }

    /// <summary>OpenAI's <c>code</c>, where it is more than the type tells, such as <c>model_not_found</c>.</summary>
    public string? Code { get; init; }

    /// <summary>
    /// For the log, instead of the message: what the operator can do something with. Never text of users. Null where the message is our
    /// own.
    /// </summary>
    public string? Detail { get; init; }

    public string LambdaType => Endings.Of(Ending).LambdaType!;

    /// <summary>The client's own fault; nothing was sent to the endpoint.</summary>
    public static RelayError BadRequest(int status, string message) => new(Ending.BadRequest, message) { Status = status };

    /// <summary>The request's body is longer than is taken, both in bytes.</summary>
    public static RelayError TooLarge(int length, int maxLength) =>
        BadRequest(413, $"The request has {length} bytes; at most {maxLength} are taken.");
}
