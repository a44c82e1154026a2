namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// One event to answer. <see cref="Event"/> lies in the connection's buffer and is valid until the next
/// call to the client that read it. Of the headers only request id and deadline are certain; an empty one counts as absent.
/// </summary>
public sealed record Invocation
{
    public required string RequestId { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    /// <summary>At most 6 MiB + 100 bytes.</summary>
    public required ReadOnlyMemory<byte> Event { get; init; }

    /// <summary>A nonce of this delivery, echoed with the answer; absent on older Lambda.</summary>
    public string? InvocationId { get; init; }

    public string? InvokedFunctionArn { get; init; }

    public string? TraceId { get; init; }

    /// <summary>JSON.</summary>
    public string? ClientContext { get; init; }

    /// <summary>JSON.</summary>
    public string? CognitoIdentity { get; init; }

    public string? TenantId { get; init; }
}
