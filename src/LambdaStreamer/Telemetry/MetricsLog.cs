using System.Buffers;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// One line of CloudWatch's embedded metric format (EMF) for each request, on stdout, whatever the log's format and level. Metrics without
/// a value are left out; of more values than a metric may have a sample is told. Thread-safe.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
/// </summary>
/// <param name="metricsNamespace">Where CloudWatch files them.</param>
/// <param name="output">Takes a line at a time.</param>
public sealed class MetricsLog(string metricsNamespace, TextWriter output)
{
    private const int MaxNamespaceLength = 256;
    private const int MaxValues = 100;
    private const string Milliseconds = "Milliseconds";
    private const string Microseconds = "Microseconds";
    private const string Count = "Count";

    /// <summary>A dimension must have a value.</summary>
    private const string NoModel = "none";

    private static readonly SearchValues<char> NamespaceCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_/#:");

    // Each with and without the surface: an alarm can only watch a metric whose dimensions it names.
    private static readonly string[][] OfModel = [["Model", "Surface"], ["Model"]];
    private static readonly string[][] OfEnding = [["Model", "Surface", "Ending"], ["Model", "Ending"]];

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public static bool IsNamespace(string text) =>
        text.Length is > 0 and <= MaxNamespaceLength && !text.AsSpan().ContainsAnyExcept(NamespaceCharacters);

    public void Write(RequestRecord record, DateTimeOffset now)
    {
        using var line = new ByteBuffer();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            WriteDirectives(record, now, json);
            json.WriteString("Model"u8, record.Model?.Id ?? NoModel);
            json.WriteString("Surface"u8, RequestLine.NameOf(record.Surface));
            json.WriteString("Ending"u8, record.Ending.ToString());
            WriteValues(record, json);
            json.WriteString("requestId"u8, record.RequestId);
            json.WriteEndObject();
        }

        _output.WriteLine(Encoding.UTF8.GetString(line.Unread));
    }

    private void WriteDirectives(RequestRecord record, DateTimeOffset now, Utf8JsonWriter json)
    {
        json.WriteStartObject("_aws"u8);
        json.WriteNumber("Timestamp"u8, now.ToUnixTimeMilliseconds());
        json.WriteStartArray("CloudWatchMetrics"u8);
        BeginDirective(OfModel, json);
        if (record.FirstToken is not null)
        {
            WriteMetric("TimeToFirstToken", Milliseconds, json);
            WriteMetric("StreamDuration", Milliseconds, json);
        }

        WriteMetric("InterTokenLatency", Milliseconds, json, record.InterToken.Count > 0);
        WriteMetric("RelayOverhead", Microseconds, json, record.Overhead.Count > 0);
        WriteMetric("TokensIn", Count, json, record.Outcome?.Usage.InputTokens is not null);
        WriteMetric("TokensOut", Count, json, record.Model is not null);
        WriteMetric("UpstreamRetries", Count, json, record.Model is not null);
        WriteMetric("ColdStart", Count, json);
        WriteMetric("Failures", Count, json);
        EndDirective(json);
        BeginDirective(OfEnding, json);
        WriteMetric("Requests", Count, json);
        EndDirective(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(RequestRecord record, Utf8JsonWriter json)
    {
        if (record.FirstToken is { } firstToken)
        {
            json.WriteNumber("TimeToFirstToken"u8, RequestLine.Milliseconds(firstToken));
            json.WriteNumber("StreamDuration"u8, RequestLine.Milliseconds(record.Duration));
        }

        WriteSample("InterTokenLatency"u8, record.InterToken, static time => RequestLine.Milliseconds(time), json);
        WriteSample("RelayOverhead"u8, record.Overhead, static time => Math.Round(time.TotalMicroseconds), json);
        if (record.Outcome?.Usage.InputTokens is { } tokensIn)
        {
            json.WriteNumber("TokensIn"u8, tokensIn);
        }

        if (record.Model is not null)
        {
            json.WriteNumber("TokensOut"u8, record.Outcome?.Usage.GeneratedTokens ?? 0);
            json.WriteNumber("UpstreamRetries"u8, record.Outcome?.Repeats.Count ?? 0);
        }

        var rule = Endings.Of(record.Ending);
        json.WriteNumber("ColdStart"u8, record.IsColdStart ? 1 : 0);
        json.WriteNumber("Failures"u8, rule.IsSuccess || rule.Side == EndingSide.Client ? 0 : 1);
        json.WriteNumber("Requests"u8, 1);
    }

    private void BeginDirective(string[][] dimensionSets, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("Namespace"u8, metricsNamespace);
        json.WriteStartArray("Dimensions"u8);
        foreach (var dimensions in dimensionSets)
        {
            json.WriteStartArray();
            foreach (var dimension in dimensions)
            {
                json.WriteStringValue(dimension);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("Metrics"u8);
    }

    private static void EndDirective(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMetric(string name, string unit, Utf8JsonWriter json, bool hasValue = true)
    {
        if (hasValue)
        {
            json.WriteStartObject();
            json.WriteString("Name"u8, name);
            json.WriteString("Unit"u8, unit);
            json.WriteEndObject();
        }
    }

    private static void WriteSample(ReadOnlySpan<byte> name, LatencyHistogram histogram, Func<TimeSpan, double> inUnit, Utf8JsonWriter json)
    {
        Span<TimeSpan> values = stackalloc TimeSpan[MaxValues];
        values = values[..histogram.Sample(values)];
        if (values.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(inUnit(value));
        }

        json.WriteEndArray();
    }
}
