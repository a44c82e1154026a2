namespace LambdaStreamer.Tests.Conformance;

/// <summary>What a client is asked to show, by the names that the result lines of the clients' scripts use.</summary>
internal static class Column
{
    public const string Stream = "stream";
    public const string Buffered = "buffered";
    public const string Stop = "stop";
    public const string Logprobs = "logprobs";
    public const string Usage = "usage";
    public const string Tools = "tools";
    public const string ErrorBefore = "error before";
    public const string ErrorMidStream = "error mid-stream";
    public const string Key = "401";
    public const string UnknownModel = "404 model";
    public const string Throttled = "429";
    public const string Cancel = "cancel";

    /// <summary>In the order of the table.</summary>
    public static readonly string[] All =
    [
        Stream, Buffered, Stop, Logprobs, Usage, Tools, ErrorBefore, ErrorMidStream, Key, UnknownModel, Throttled, Cancel,
    ];
}
