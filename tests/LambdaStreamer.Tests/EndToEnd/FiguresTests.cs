using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.SageMaker;
using LambdaStreamer.Tests.Telemetry;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>What the function tells its operator of 200 paced streams, against what their client measured.</summary>
public class FiguresTests
{
    private const int Streams = 200;
    private const int AtOnce = 4;
    private const int MaxNewTokens = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LogAndMetrics_SayWhatTheClientSaw()
    {
        await using var sageMaker = await SageMakerTwin.StartAsync(
            new SageMakerTwinOptions
            {
                AccessKeyId = "AKIDEXAMPLE",
                SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                Region = "us-east-1",
                FirstTokenDelay = TimeSpan.FromMilliseconds(40),
                TokenDelay = TimeSpan.FromMilliseconds(10),
            },
            Cancellation);
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url.ToString(),
            static options => options with { MaxProcesses = AtOnce },
            ("METRICS_NAMESPACE", "LambdaStreamer"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("SAGEMAKER_ENDPOINT_NAME", "huggingface-llm-falcon-7b-instruct-bf16"));
        var seen = new ConcurrentDictionary<string, Seen>();
        await Parallel.ForAsync(0, Streams, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, _) =>
        {
            var (id, figures) = await AskAsync(function);
            seen[id] = figures;
        });

        var told = new List<(Seen Seen, JsonElement Log, JsonElement Metrics)>();
        foreach (var (id, figures) in seen)
        {
            await function.ReportedAsync(id);
            await function.LoggedAsync($"\"requestId\":\"{id}\"}}");
            await function.LoggedAsync($"\"requestId\":\"{id}\",\"message\":\"LengthReached\"");
        }

        var lines = function.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line.Contains("{\"", StringComparison.Ordinal))
            .Select(static line => line[line.IndexOf('{', StringComparison.Ordinal)..].TrimEnd()).ToArray();
        foreach (var (id, figures) in seen)
        {
            var log = Assert.Single(lines, line => line.Contains($"\"requestId\":\"{id}\",\"message\"", StringComparison.Ordinal));
            var metrics = Assert.Single(lines, line => line.EndsWith($"\"requestId\":\"{id}\"}}", StringComparison.Ordinal));
            told.Add((figures, JsonDocument.Parse(log).RootElement, await EmfSchema.AssertValidAsync(metrics)));
        }

        Assert.Equal(Streams, told.Count);
        Assert.All(told, static one => AssertAgrees(one.Seen, one.Log, one.Metrics));
        Assert.InRange(told.Count(static one => one.Log.TryGetProperty("cold_start", out _)), 1, AtOnce);

        // Single streams are at the mercy of the machine's scheduler, medians of 200 are not.
        AssertNear(Median(told.Select(static one => one.Seen.FirstToken)), Median(told.Select(static one => Number(one.Log, "ttft_ms"))), 10);
        AssertNear(Median(told.Select(static one => Median(one.Seen.Gaps))), Median(told.Select(static one => Number(one.Log, "itl_p50_ms"))), 1);
        AssertNear(Median(told.Select(static one => one.Seen.Duration)), Median(told.Select(static one => Number(one.Log, "duration_ms"))), 10);
    }

    private static void AssertAgrees(Seen seen, JsonElement log, JsonElement metrics)
    {
        Assert.Equal(MaxNewTokens, seen.Tokens);
        Assert.Equal(seen.Tokens, log.GetProperty("gen_ai.usage.output_tokens").GetInt32());
        Assert.Equal(seen.Tokens, metrics.GetProperty("TokensOut").GetInt32());
        Assert.Equal(seen.Bytes, log.GetProperty("bytes_out").GetInt32());

        // The function's interval lies within the client's: the event comes after the request was sent, the token is read before it is seen.
        Assert.True(Number(log, "ttft_ms") <= seen.FirstToken);
        Assert.Equal(Number(log, "ttft_ms"), Number(metrics, "TimeToFirstToken"));
        Assert.Equal(Number(log, "duration_ms"), Number(metrics, "StreamDuration"));
        var gaps = metrics.GetProperty("InterTokenLatency").EnumerateArray().Select(static gap => gap.GetDouble()).ToArray();
        Assert.InRange(gaps.Length, 1, MaxNewTokens - 1);
        Assert.Contains(Number(log, "itl_p50_ms"), gaps);
        Assert.Contains(Number(log, "itl_p95_ms"), gaps);
        Assert.Equal(("INFO", "generate", "generate", "LengthReached"), (Text(log, "level"), Text(log, "surface"), Text(log, "dialect"), Text(log, "ending")));
        Assert.Equal(("generate", "LengthReached"), (Text(metrics, "Surface"), Text(metrics, "Ending")));
        Assert.Equal((1, 0, 0), (metrics.GetProperty("Requests").GetInt32(), metrics.GetProperty("Failures").GetInt32(), metrics.GetProperty("UpstreamRetries").GetInt32()));
    }

    private static async Task<(string Id, Seen Seen)> AskAsync(FunctionUnderTest function)
    {
        var sentAt = Stopwatch.GetTimestamp();
        using var response = await function.PostAsync(
            $$"""{"inputs":"How do I build a website?","parameters":{"max_new_tokens":{{MaxNewTokens}},"details":true},"stream":true}""",
            "application/x-ndjson");
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        var (buffer, arrivals, text) = (new byte[64 * 1024], new List<double>(), new StringBuilder());
        while (await body.ReadAsync(buffer, Cancellation) is > 0 and var length)
        {
            arrivals.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            text.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        var duration = Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds;
        var tokens = text.ToString().Split('\n').Count(static line => line.StartsWith("{\"text\"", StringComparison.Ordinal));
        var gaps = arrivals.Zip(arrivals.Skip(1), static (one, next) => next - one).ToArray();
        return (response.Headers.GetValues("x-request-id").Single(), new Seen(arrivals[0], gaps, duration, tokens, text.Length));
    }

    private static void AssertNear(double seen, double told, double tolerance) => Assert.InRange(told, seen - tolerance, seen + tolerance);

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    /// <param name="FirstToken">Milliseconds from the request's start.</param>
    /// <param name="Gaps">Milliseconds between two deliveries.</param>
    /// <param name="Duration">Milliseconds.</param>
    /// <param name="Tokens">Lines with a token.</param>
    /// <param name="Bytes">Of the body.</param>
    private sealed record Seen(double FirstToken, double[] Gaps, double Duration, int Tokens, int Bytes);
}
