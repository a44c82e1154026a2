using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>The function as it is configured on Lambda, and where its twin listens. Ports on loopback; 0 is any that is free.</summary>
public sealed record LambdaTwinOptions
{
    public int FunctionUrlPort { get; init; }

    public int LambdaApiPort { get; init; }

    /// <summary>
    /// The executable of the function. Null: the twin starts nothing and serves whoever connects to its Runtime API, for example a
    /// function started in a debugger; it gets <see cref="MaxConcurrency"/> invocations at a time.
    /// </summary>
    public string? Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The function's own variables; they win over those that Lambda sets. AWS_REGION also names the region in ARNs.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Reserved concurrency: calls beyond it are throttled with 429.</summary>
    public int MaxProcesses { get; init; } = 10;

    /// <summary>
    /// Null: a process for each call at once. A number: one process gets that many at a time, as on Lambda Managed Instances; it is told so
    /// by AWS_LAMBDA_MAX_CONCURRENCY, its timed-out invocations do not cost it its life, and <see cref="MaxProcesses"/> does not count.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>Told to the function and shown in REPORT lines; not enforced.</summary>
    public int MemorySizeMegabytes { get; init; } = 512;

    public TimeSpan FunctionTimeout { get; init; } = TimeSpan.FromMinutes(15);

    public string FunctionName { get; init; } = "lambda-streamer";

    /// <summary>6 MiB at full speed, then 2 MiB a second, for each streamed response.</summary>
    public bool LimitBandwidth { get; init; } = true;

    /// <summary>Which of the forms of GET /next the runtime gets to see; null: that of on-demand Lambda, or of managed instances.</summary>
    public NextVariation? NextVariation { get; init; }

    /// <summary>
    /// Takes one line a call, from any thread: what the function printed, Lambda's INIT_START, START, END and REPORT, and VIOLATION lines.
    /// </summary>
    public Action<string> Log { get; init; } = _ => { };

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal string Region => Environment.GetValueOrDefault("AWS_REGION", "us-east-1");

    /// <summary>Without a qualifier.</summary>
    internal string FunctionArn => $"arn:aws:lambda:{Region}:{AccountId}:function:{FunctionName}";

    /// <summary>The account that AWS's own examples use.</summary>
    internal const string AccountId = "123456789012";
}
