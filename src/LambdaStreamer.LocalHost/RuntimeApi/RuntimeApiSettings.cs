namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>What a Runtime API server needs to know besides its invocations.</summary>
internal sealed record RuntimeApiSettings
{
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>How many invocations a runtime may hold at once.</summary>
    public int Concurrency { get; init; } = 1;

    public NextVariation NextVariation { get; init; } = NextVariation.Default;

    /// <summary>Whether streamed responses pass Lambda's token bucket.</summary>
    public bool LimitBandwidth { get; init; }

    /// <summary>Told of violations that belong to no invocation.</summary>
    public required Action<Violation> ReportViolation { get; init; }
}
