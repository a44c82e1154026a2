namespace LambdaStreamer.Telemetry;

/// <summary>What a request came in by, for log and metrics; the names, in lower case, are values of a CloudWatch dimension.</summary>
public enum Surface
{
    /// <summary>A path that nothing is at, or an event that cannot be read.</summary>
    None,
    Generate,
    Chat,
    Completions,
    Models,
    Info,
    Health,
    Cancel,

    /// <summary>An event that is the request itself.</summary>
    Direct,

    /// <summary>A browser's question before a request of another origin.</summary>
    Preflight,
}
