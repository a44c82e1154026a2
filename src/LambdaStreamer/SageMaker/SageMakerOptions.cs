namespace LambdaStreamer.SageMaker;

/// <summary>What the SageMaker call needs to know.</summary>
public sealed record SageMakerOptions
{
    // Those that .NET reads; it takes http_proxy in lower case only, lest a CGI header set it.
    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "http_proxy"];

    /// <summary>The runtime's address; its path, if any, goes before every request's own.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public required string Region { get; init; }

    /// <summary>For name lookup, TCP and TLS together. Default 3 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// <c>FIRST_TOKEN_TIMEOUT_SECONDS</c>: from the call's beginning to its first token, all attempts together. Default 120 s.
    /// </summary>
    public TimeSpan FirstTokenTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// <c>IDLE_TIMEOUT_SECONDS</c>: longest waiting for another token after that. What the relay spends writing doesn't count, and bytes
    /// without a token, such as keep-alive comments, don't end it. Default 60 s.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>TOTAL_TIMEOUT_SECONDS</c>: from the call's beginning to its end, whatever it does. Default: none.</summary>
    public TimeSpan? TotalTimeout { get; init; }

    /// <summary>Requests sent to one endpoint for one call, the first included. Default 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Whether to go through the proxy that the process's environment names. Default false, which spares reading it.</summary>
    public bool UseProxy { get; init; }

    /// <summary>What the AWS_* and *_PROXY variables say; clocks and attempts stay at their defaults.</summary>
    /// <param name="environment">Looks a variable up; null or empty when unset.</param>
    /// <param name="errors">Receives what is wrong, one message each.</param>
    /// <returns>Null when a message was added.</returns>
    public static SageMakerOptions? FromEnvironment(Func<string, string?> environment, ICollection<string> errors)
    {
        var region = RuntimeEndpoint.RegionFrom(environment, errors);
        if (region is null || RuntimeEndpoint.From(environment, region, errors) is not { } endpoint)
        {
            return null;
        }

        var useProxy = Array.Exists(ProxyVariables, variable => !string.IsNullOrEmpty(environment(variable)));
        return new SageMakerOptions { Endpoint = endpoint, Region = region, UseProxy = useProxy };
    }
}
