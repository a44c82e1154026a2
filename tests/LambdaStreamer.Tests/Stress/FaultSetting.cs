namespace LambdaStreamer.Tests.Stress;

/// <summary>How the function of a fault is configured, and who brings the fault about.</summary>
internal enum FaultSetting
{
    /// <summary>Eight calls at once, default clocks.</summary>
    Ordinary,

    /// <summary>Nothing listens at the endpoint's address.</summary>
    NoEndpoint,

    /// <summary>One second to the first token.</summary>
    FirstTokenClock,

    /// <summary>One second between tokens.</summary>
    IdleClock,

    /// <summary>Two seconds for an answer.</summary>
    TotalClock,

    /// <summary>Three seconds of function time, of which the last one and a half are for telling.</summary>
    Deadline,

    /// <summary>A streamed response of a million bytes at most.</summary>
    SmallResponse,

    /// <summary>The client posts to <c>/cancel/{id}</c>.</summary>
    Cancel,

    /// <summary>The process gets SIGTERM, with all of its answers under way.</summary>
    Shutdown,
}
