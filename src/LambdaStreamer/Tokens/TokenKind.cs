namespace LambdaStreamer.Tokens;

/// <summary>
/// What one line of a container's answer turned out to be. "Nothing to show" and "the end" are different values on purpose.
/// </summary>
public enum TokenKind
{
    /// <summary>A blank line, an SSE comment (keep-alive) or an SSE field other than <c>data</c>.</summary>
    None,

    /// <summary>A token, possibly special, possibly with empty text, possibly the last.</summary>
    Token,

    /// <summary>No token: a role, a finish reason or a usage by itself. Changes <see cref="Usage"/>, shows nothing.</summary>
    Update,

    /// <summary>
    /// The model server's own error, sent inside a stream whose status was 200. Has the text that shares its object, if any.
    /// </summary>
    Error,

    /// <summary>JSON that no dialect knows.</summary>
    Unknown,

    /// <summary>Not JSON, or a known member of the wrong type: something was said that cannot be relayed.</summary>
    Malformed,
}
