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
        Metric[] ofModel = [.. MetricsOf(record).Where(static metric => metric.Values.Length > 0)];
        Metric[] ofEnding = [new("Requests", Count, [1])];
        using var line = new ByteBuffer();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteStartObject("_aws"u8);
            json.WriteNumber("Timestamp"u8, now.ToUnixTimeMilliseconds());
            json.WriteStartArray("CloudWatchMetrics"u8);
            WriteDirective(OfModel, ofModel, json);
            WriteDirective(OfEnding, ofEnding, json);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteString("Model"u8, record.Model?.Id ?? NoModel);
            json.WriteString("Surface"u8, RequestLine.NameOf(record.Surface));
            json.WriteString("Ending"u8, record.Ending.ToString());
            WriteValues([.. ofModel, .. ofEnding], json);
            json.WriteString("requestId"u8, record.RequestId);
            json.WriteEndObject();
        }

        _output.WriteLine(Encoding.UTF8.GetString(line.Unread));
    }

    /// <summary>Those without a value included.</summary>
    private static IEnumerable<Metric> MetricsOf(RequestRecord record)
    {
        var rule = Endings.Of(record.Ending);
        double[] firstToken = record.FirstToken is { } time ? [RequestLine.Milliseconds(time)] : [];
        yield return new("TimeToFirstToken", Milliseconds, firstToken);
        yield return new("StreamDuration", Milliseconds, firstToken.Length > 0 ? [RequestLine.Milliseconds(record.Duration)] : []);
        yield return new("InterTokenLatency", Milliseconds, SampleOf(record.InterToken, RequestLine.Milliseconds));
        yield return new("RelayOverhead", Microseconds, SampleOf(record.Overhead, static time => Math.Round(time.TotalMicroseconds)));
        yield return new("TokensIn", Count, record.Outcome?.Usage.InputTokens is { } tokensIn ? [tokensIn] : []);
        yield return new("TokensOut", Count, record.Model is null ? [] : [record.Outcome?.Usage.GeneratedTokens ?? 0]);
        yield return new("UpstreamRetries", Count, record.Model is null ? [] : [record.Outcome?.Repeats.Count ?? 0]);
        yield return new("ColdStart", Count, [record.IsColdStart ? 1 : 0]);
        yield return new("Failures", Count, [rule.IsSuccess || rule.Side == EndingSide.Client ? 0 : 1]);
    }

    private static double[] SampleOf(LatencyHistogram histogram, Func<TimeSpan, double> inUnit)
    {
        var values = new TimeSpan[MaxValues];
        return [.. values.Take(histogram.Sample(values)).Select(inUnit)];
    }

    private void WriteDirective(string[][] dimensionSets, Metric[] metrics, Utf8JsonWriter json)
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
        foreach (var (name, unit, _) in metrics)
        {
            json.WriteStartObject();
            json.WriteString("Name"u8, name);
            json.WriteString("Unit"u8, unit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValues(Metric[] metrics, Utf8JsonWriter json)
    {
        foreach (var (name, _, values) in metrics)
        {
            if (values is [var single])
            {
                json.WriteNumber(name, single);
                continue;
            }

            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }
    }

    private readonly record struct Metric(string Name, string Unit, double[] Values);
}
