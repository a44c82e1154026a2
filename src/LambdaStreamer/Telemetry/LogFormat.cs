namespace LambdaStreamer.Telemetry;

/// <summary>Lambda's formats of a log line (<c>AWS_LAMBDA_LOG_FORMAT</c>).</summary>
public enum LogFormat
{
    /// <summary><c>LEVEL request-id name=value …</c></summary>
    Text,

    /// <summary>One object a line, with <c>timestamp</c> and <c>level</c>, by which Lambda can filter.</summary>
    Json,
}
