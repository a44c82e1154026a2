namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// How an invocation ended for its caller. A streamed response with error trailers is an error here, although Lambda counts it a success.
/// </summary>
public sealed record InvocationOutcome
{
    private InvocationOutcome(string? errorType, byte[] errorBody)
    {
        ErrorType = errorType;
        ErrorBody = errorBody;
    }

    public static InvocationOutcome Success { get; } = new(null, []);

    /// <summary>Null for a success, else <c>Runtime.…</c>, <c>Function.…</c> or <c>Sandbox.…</c>.</summary>
    public string? ErrorType { get; }

    /// <summary>The error JSON (errorMessage, errorType, stackTrace), as the runtime wrote it or as the platform words it.</summary>
    public ReadOnlyMemory<byte> ErrorBody { get; }

    public bool IsError => ErrorType is not null;

    /// <summary>An error the function reported itself, through POST /error or trailers.</summary>
    public static InvocationOutcome Reported(string errorType, byte[] errorBody) => new(errorType, errorBody);

    /// <summary>An error the platform found: exit, timeout, truncation.</summary>
    public static InvocationOutcome Platform(string errorType, string requestId, string message)
    {
        var body = AwsJson.Object(writer =>
        {
            writer.WriteString("errorType"u8, errorType);
            writer.WriteString("errorMessage"u8, $"RequestId: {requestId} Error: {message}");
        });
        return new(errorType, body);
    }
}
