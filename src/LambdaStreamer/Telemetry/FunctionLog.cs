using System.Globalization;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// Lines on stderr, which Lambda takes to CloudWatch, where each line is an event of its own: text, or JSON with Lambda's own members.
/// Thread-safe. Invariant: what is written at once is one line, whoever worded it.
/// </summary>
public sealed class FunctionLog(LogLevel minimum, LogFormat format, TextWriter output, TimeProvider timeProvider)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    /// <summary>Asked before an argument is computed that costs something.</summary>
    public bool IsEnabled(LogLevel level) => level >= minimum;

    /// <summary>Nothing of a user's text belongs into a message, nor a key or a credential.</summary>
    public void Write(LogLevel level, string requestId, string message)
    {
        if (IsEnabled(level))
        {
            WriteLine(level, requestId, message);
        }
    }

    /// <summary>What may hold text of users, and so goes into no log that is read by default: level TRACE, whatever the caller thinks.</summary>
    public void WriteSensitive(string requestId, string message) => Write(LogLevel.Trace, requestId, message);

    /// <summary>A request's one line, at the level of its ending.</summary>
    public void Write(RequestRecord record)
    {
        var level = Endings.Of(record.Ending).Level;
        if (!IsEnabled(level))
        {
            return;
        }

        using var line = new ByteBuffer();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            if (format == LogFormat.Json)
            {
                WriteHead(level, record.RequestId, json);
                json.WriteString("message"u8, record.Ending.ToString());
            }

            RequestLine.Write(record, json);
            json.WriteEndObject();
        }

        _output.WriteLine(format == LogFormat.Json
            ? Encoding.UTF8.GetString(line.Unread)
            : $"{NameOf(level)} {record.RequestId}{InWords(line.Unread)}");
    }

    private void WriteLine(LogLevel level, string requestId, string message)
    {
        if (format == LogFormat.Text)
        {
            _output.WriteLine($"{NameOf(level)} {requestId} {OneLine(message)}");
            return;
        }

        using var line = new ByteBuffer();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            WriteHead(level, requestId, json);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        }

        _output.WriteLine(Encoding.UTF8.GetString(line.Unread));
    }

    private void WriteHead(LogLevel level, string requestId, Utf8JsonWriter json)
    {
        // RFC 3339, which Lambda wants where it filters by level.
        json.WriteString("timestamp"u8, timeProvider.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("level"u8, NameOf(level));
        json.WriteString("requestId"u8, requestId);
    }

    /// <summary><c>name=value</c> pairs; a text with blanks is quoted.</summary>
    private static string InWords(ReadOnlySpan<byte> line)
    {
        var words = new StringBuilder();
        var reader = new Utf8JsonReader(line);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    words.Append(' ').Append(reader.GetString()).Append('=');
                    break;
                case JsonTokenType.String:
                    var text = OneLine(reader.GetString()!);
                    words.Append(text.Contains(' ', StringComparison.Ordinal) ? $"\"{text.Replace('"', '\'')}\"" : text);
                    break;
                case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                    words.Append(Encoding.UTF8.GetString(reader.ValueSpan));
                    break;
            }
        }

        return words.ToString();
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

    private static string NameOf(LogLevel level) => level.ToString().ToUpperInvariant();
}
