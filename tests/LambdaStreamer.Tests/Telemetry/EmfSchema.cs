using System.Globalization;
using System.Text;
using System.Text.Json;
using NJsonSchema;

namespace LambdaStreamer.Tests.Telemetry;

/// <summary>
/// CloudWatch's schema of the embedded metric format (Amazon CloudWatch User Guide, "Specification: embedded metric format", "Embedded
/// metric format schema"), and what the page says in words: every metric and dimension that a directive names is a member of the root,
/// 100 values a metric, 1 MB a line.
/// </summary>
internal static class EmfSchema
{
    private const string Text = """
        {"type":"object","title":"Root Node","required":["_aws"],"properties":{"_aws":{"type":"object","title":"Metadata",
        "required":["Timestamp","CloudWatchMetrics"],"properties":{"Timestamp":{"type":"integer"},"CloudWatchMetrics":{"type":"array",
        "items":{"type":"object","required":["Namespace","Dimensions","Metrics"],"properties":{
        "Namespace":{"type":"string","pattern":"^(.*)$","minLength":1,"maxLength":1024},
        "Dimensions":{"type":"array","minItems":1,"items":{"type":"array","minItems":1,"maxItems":30,
        "items":{"type":"string","pattern":"^(.*)$","minLength":1,"maxLength":250}}},
        "Metrics":{"type":"array","items":{"type":"object","required":["Name"],"properties":{
        "Name":{"type":"string","pattern":"^(.*)$","minLength":1,"maxLength":1024},
        "Unit":{"type":"string","pattern":"^(Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|Terabits|Percent|Count|Bytes\\/Second|Kilobytes\\/Second|Megabytes\\/Second|Gigabytes\\/Second|Terabytes\\/Second|Bits\\/Second|Kilobits\\/Second|Megabits\\/Second|Gigabits\\/Second|Terabits\\/Second|Count\\/Second|None)$"},
        "StorageResolution":{"type":"integer","enum":[1,60]}}}}}}}}}}}
        """;

    public static async Task<JsonElement> AssertValidAsync(string line)
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(line));
        Assert.True(Encoding.UTF8.GetByteCount(line) < 1_000_000);
        var root = JsonDocument.Parse(line).RootElement;
        foreach (var directive in root.GetProperty("_aws").GetProperty("CloudWatchMetrics").EnumerateArray())
        {
            Assert.NotEmpty(directive.GetProperty("Metrics").EnumerateArray());
            foreach (var metric in directive.GetProperty("Metrics").EnumerateArray())
            {
                AssertValue(root.GetProperty(metric.GetProperty("Name").GetString()!));
            }

            foreach (var dimension in directive.GetProperty("Dimensions").EnumerateArray().SelectMany(static set => set.EnumerateArray()))
            {
                Assert.InRange(root.GetProperty(dimension.GetString()!).GetString()!.Length, 1, 1024);
            }
        }

        return root;
    }

    private static void AssertValue(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            Assert.InRange(value.GetArrayLength(), 1, 100);
            Assert.All(value.EnumerateArray(), static item => Assert.True(double.IsFinite(item.GetDouble())));
        }
        else
        {
            Assert.True(double.IsFinite(value.GetDouble()), value.GetRawText().ToString(CultureInfo.InvariantCulture));
        }
    }
}
