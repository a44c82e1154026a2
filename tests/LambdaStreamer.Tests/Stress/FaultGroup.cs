using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>The cells that share a configuration, and so a process of the function.</summary>
internal sealed class FaultGroup(FaultSetting setting, FunctionUnderTest function, FaultCell[] cells)
{
    /// <summary>On two cores; and one place of the function more for a call beside them.</summary>
    private const int OrdinaryConcurrency = 6;

    private int _notReady = cells.Length;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Runs all of them against the endpoint at <paramref name="sageMakerUrl"/>.</summary>
    public static async Task<FaultResult[]> RunAsync(FaultSetting setting, string sageMakerUrl, FaultCell[] cells)
    {
        var (concurrency, timeout, environment) = ConfigurationOf(setting, cells.Length);
        await using var function = await FunctionUnderTest.StartAsync(
            sageMakerUrl,
            options => options with { FunctionTimeout = timeout, MaxConcurrency = concurrency, LimitBandwidth = false },
            [("METRICS_NAMESPACE", "Faults"), .. environment]);
        var group = new FaultGroup(setting, function, cells);
        var results = new ConcurrentBag<FaultResult>();
        await Parallel.ForEachAsync(
            cells,
            new ParallelOptions { MaxDegreeOfParallelism = IsOneByOne(setting) ? 1 : concurrency ?? 1, CancellationToken = Cancellation },
            async (cell, _) => results.Add(await group.RunAsync(cell)));
        Assert.Empty(function.Lambda.Violations);
        return [.. results];
    }

    private static (int? Concurrency, TimeSpan Timeout, (string, string)[] Environment) ConfigurationOf(FaultSetting setting, int cells)
    {
        var minute = TimeSpan.FromMinutes(1);
        return setting switch
        {
            FaultSetting.NoEndpoint => (null, minute, []),
            FaultSetting.FirstTokenClock => (cells, minute, [("FIRST_TOKEN_TIMEOUT_SECONDS", "1")]),
            FaultSetting.IdleClock => (cells, minute, [("IDLE_TIMEOUT_SECONDS", "1")]),
            FaultSetting.TotalClock => (cells, minute, [("TOTAL_TIMEOUT_SECONDS", "2")]),
            FaultSetting.Deadline => (cells, TimeSpan.FromSeconds(3), [("DEADLINE_MARGIN_MILLISECONDS", "1500")]),
            FaultSetting.SmallResponse => (null, minute, [("MAX_RESPONSE_BYTES", "1000000")]),
            FaultSetting.Cancel => (2, minute, []),
            FaultSetting.Shutdown => (cells, minute, []),
            _ => (OrdinaryConcurrency, minute, []),
        };
    }

    /// <summary>Which answer is to be cancelled is known by its call being the latest.</summary>
    private static bool IsOneByOne(FaultSetting setting) => setting == FaultSetting.Cancel;

    private async Task<FaultResult> RunAsync(FaultCell cell)
    {
        var told = "";
        var failure = await Record.ExceptionAsync(async () => told = await RunToEndAsync(cell).WaitAsync(Tool.Patience, Cancellation));
        cell.GoOn();
        return new FaultResult(cell, told, failure);
    }

    /// <returns>What was told, for the table.</returns>
    private async Task<string> RunToEndAsync(FaultCell cell)
    {
        // :: Step 1: Ask, and read what comes before the fault
        var asking = AskAsync(cell);
        var begun = cell.Begun();
        if (begun.Length > 0)
        {
            var body = await (await asking).Content.ReadAsStreamAsync(Cancellation);
            var read = new byte[begun.Length];
            await body.ReadExactlyAsync(read, Cancellation);
            Assert.Equal(begun, read);
        }

        // :: Step 2: The fault
        await BringAboutAsync(cell, begun.Length > 0 ? await asking : null);
        cell.GoOn();

        // :: Step 3: What the client is told
        using var response = await asking;
        var (rest, isCut) = await FunctionUnderTest.ReadToEndAsync(await response.Content.ReadAsStreamAsync(Cancellation));
        var id = response.Headers.GetValues("x-request-id").Single();
        var told = FaultTold.Verify(cell, response, Encoding.UTF8.GetString(begun) + rest, isCut);

        // :: Step 4: What Lambda, the log and the endpoint are told
        await VerifyLambdaAsync(cell, id);
        if (cell.Row.ClosesEndpointsConnection)
        {
            Assert.True(await cell.EndpointsConnectionClosed);
        }

        var rule = cell.Rule;
        var line = $"] {rule.Level.ToString().ToUpperInvariant()} {id} ending={rule.Ending} side={rule.Side} ";
        var metrics = $"\"requestId\":\"{id}\"}}";
        await function.LoggedAsync(line);
        await function.LoggedAsync(metrics);
        var lines = function.Log.Split('\n');
        Assert.Single(lines, text => text.Contains($"{id} ending=", StringComparison.Ordinal));
        var figures = Assert.Single(lines, text => text.Contains(metrics, StringComparison.Ordinal));
        Assert.Contains($"\"Ending\":\"{rule.Ending}\"", figures, StringComparison.Ordinal);
        Assert.Contains("\"Requests\":1,", figures, StringComparison.Ordinal);
        Assert.Contains($"\"Failures\":{(rule.IsSuccess || rule.Side == EndingSide.Client ? 0 : 1)},", figures, StringComparison.Ordinal);
        return told;
    }

    private Task<HttpResponseMessage> AskAsync(FaultCell cell)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StringContent($$"""{"inputs":"{{cell.Prompt}}","parameters":{{cell.Row.Parameters((int)cell.Moment)}}}"""),
        };
        request.Headers.Add("Accept", cell.Format switch
        {
            MediaType.Text => "text/plain",
            MediaType.EventStream => "text/event-stream",
            MediaType.Ndjson => "application/x-ndjson",
            _ => "application/json",
        });
        if (cell.Row.TargetVariantHeader is { } variant)
        {
            request.Headers.Add("X-Amzn-SageMaker-Target-Variant", variant);
        }

        return function.SendAsync(request);
    }

    /// <summary>Cancels, or stops the process; all other faults are the endpoint's.</summary>
    private async Task BringAboutAsync(FaultCell cell, HttpResponseMessage? begun)
    {
        if (setting == FaultSetting.Cancel)
        {
            await cell.TokensSent;
            var id = begun is null ? function.Lambda.Invocations[^1].RequestId : begun.Headers.GetValues("x-request-id").Single();
            using var cancelled = await function.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/cancel/{id}"));
            Assert.Equal(202, (int)cancelled.StatusCode);
        }
        else if (setting == FaultSetting.Shutdown)
        {
            await cell.TokensSent;
            if (Interlocked.Decrement(ref _notReady) == 0)
            {
                using var kill = Process.Start("kill", ["-TERM", $"{function.Lambda.ProcessIds.Single()}"]);
                await kill.WaitForExitAsync(Cancellation);
            }
        }
    }

    private async Task VerifyLambdaAsync(FaultCell cell, string id)
    {
        await function.ReportedAsync(id);
        var record = function.Lambda.Invocations.Single(record => record.RequestId == id);
        Assert.Empty(record.Violations);
        if (!cell.IsStarted || cell.Rule.IsSuccess)
        {
            Assert.Empty(record.Trailers);
            Assert.False(record.Outcome!.IsError);
            return;
        }

        Assert.Equal(
            ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"],
            record.Trailers.Select(static trailer => trailer.Name));
        Assert.Equal($"Function.{cell.Row.Ending}", record.Trailers[0].Value);
        using var body = JsonDocument.Parse(Convert.FromBase64String(record.Trailers[1].Value));
        Assert.Equal($"Function.{cell.Row.Ending}", body.RootElement.GetProperty("errorType").GetString());
        Assert.Equal(cell.Row.Message, body.RootElement.GetProperty("errorMessage").GetString());
    }
}
