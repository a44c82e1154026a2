using LambdaStreamer.Relay;

namespace LambdaStreamer;

/// <summary>
/// Lines on stderr, which Lambda takes to CloudWatch, where each line is an event of its own. Thread-safe. Invariant: what is written at
/// once is one line, whoever worded it.
/// </summary>
public sealed class FunctionLog(LogLevel minimum, TextWriter output)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>Asked before an argument is computed that costs something.</summary>
    public bool IsEnabled(LogLevel level) => level >= minimum;

    /// <summary>Nothing of a user's text belongs into a line above <see cref="LogLevel.Debug"/>.</summary>
    public void Write(LogLevel level, string requestId, string message)
    {
        if (IsEnabled(level))
        {
            _output.WriteLine($"{Name(level)} {requestId} {OneLine(message)}");
        }
    }

    /// <summary>An answer that ended before the endpoint was asked.</summary>
    public void WriteRefusal(string requestId, RelayError error)
    {
        var rule = Endings.Of(error.Ending);
        if (IsEnabled(rule.Level))
        {
            Write(rule.Level, requestId, $"ending={error.Ending} side={rule.Side} status={error.Status} type={error.LambdaType}");
        }
    }

    private static string OneLine(string message) => !message.Any(char.IsControl)
        ? message
        : string.Create(message.Length, message, static (line, text) =>
        {
            for (var at = 0; at < line.Length; at++)
            {
                line[at] = char.IsControl(text[at]) ? ' ' : text[at];
            }
        });

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Info => "INFO",
        LogLevel.Warn => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}
