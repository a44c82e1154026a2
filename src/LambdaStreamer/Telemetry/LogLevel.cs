namespace LambdaStreamer.Telemetry;

/// <summary>Lambda's levels (<c>AWS_LAMBDA_LOG_LEVEL</c>), least severe first.</summary>
public enum LogLevel
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}
