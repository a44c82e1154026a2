using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.Processes;

/// <summary>Real child processes, from their start to their end.</summary>
public sealed class FunctionProcessTests : IDisposable
{
    private const string AnswerForever = "next;respond:hello;again";

    private readonly ConcurrentQueue<string> _log = [];
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task FirstCall_StartsAProcessThatLaterCallsReuse()
    {
        await using var twin = await StartAsync(ChildProcess.Options(AnswerForever));
        for (var call = 0; call < 5; call++)
        {
            Assert.Equal("hello", await _client.GetStringAsync(twin.FunctionUrl, Token));
        }

        Assert.Single(twin.ProcessIds);
        Assert.Single(_log, line => line == "INIT_START Runtime Version: provided:al2023");
        await TwinUnderTest.EventuallyAsync(() => Reports().Length == 5);
        Assert.Matches(
            @"^REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
            + @"Memory Size: 512 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms$",
            Reports()[0]);
        Assert.DoesNotContain("Init Duration", Reports()[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ParallelCalls_StartProcessesUpToTheLimitAndThenGet429()
    {
        await using var twin = await StartAsync(ChildProcess.Options("next;begin;chunk:x;hang") with { MaxProcesses = 2 });
        using var first = await _client.GetAsync(twin.FunctionUrl, HttpCompletionOption.ResponseHeadersRead, Token);
        using var second = await _client.GetAsync(twin.FunctionUrl, HttpCompletionOption.ResponseHeadersRead, Token);
        using var third = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Equal(2, twin.ProcessIds.Length);
    }

    [Fact]
    public async Task Crash_IsExitErrorAndTheNextCallGetsANewProcess()
    {
        await using var twin = await StartAsync(ChildProcess.Options("next;exit:3"));
        using var response = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        AssertOutcome(twin, "Runtime.ExitError", "Runtime exited with error: exit status 3");

        using var again = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.BadGateway, again.StatusCode);
        Assert.Equal(2, _log.Count(line => line.StartsWith("INIT_START", StringComparison.Ordinal)));
        Assert.EndsWith("\tStatus: error\tError Type: Runtime.ExitError", Reports()[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task KillInMidStream_IsExitErrorAfterAllThatWasSent()
    {
        await using var twin = await StartAsync(ChildProcess.Options("next;begin;chunk:last words;kill"));
        using var response = await _client.GetAsync(twin.FunctionUrl, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(("last words", false), await TwinUnderTest.ReadBodyAsync(response));
        AssertOutcome(twin, "Runtime.ExitError", "Runtime exited with error: signal: killed");
    }

    [Fact]
    public async Task DeathWhileIdle_IsRepairedByTheNextCall()
    {
        await using var twin = await StartAsync(ChildProcess.Options(AnswerForever));
        await _client.GetStringAsync(twin.FunctionUrl, Token);
        var first = Assert.Single(twin.ProcessIds);
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        await TwinUnderTest.EventuallyAsync(() => twin.ProcessIds.Length == 0);
        Assert.Equal("hello", await _client.GetStringAsync(twin.FunctionUrl, Token));
        Assert.NotEqual(first, Assert.Single(twin.ProcessIds));
    }

    [Fact]
    public async Task FunctionTimeout_KillsTheProcess()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await StartAsync(
            ChildProcess.Options("next;begin;chunk:x;hang") with { TimeProvider = time, FunctionTimeout = TimeSpan.FromSeconds(7) });
        using var response = await _client.GetAsync(twin.FunctionUrl, HttpCompletionOption.ResponseHeadersRead, Token);
        await (await response.Content.ReadAsStreamAsync(Token)).ReadExactlyAsync(new byte[1], Token);
        var process = Assert.Single(twin.ProcessIds);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(("", false), await TwinUnderTest.ReadBodyAsync(response));
        AssertOutcome(twin, "Sandbox.Timedout", "Task timed out after 7.00 seconds");
        await TwinUnderTest.EventuallyAsync(() => IsGone(process));
    }

    [Fact]
    public async Task InitTimeout_Is502()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await StartAsync(new LambdaTwinOptions { Command = "sleep", Arguments = ["1000"], TimeProvider = time });
        var call = _client.GetAsync(twin.FunctionUrl, Token);
        await time.TimerSetAsync(TimeSpan.FromSeconds(10), Token);
        var process = Assert.Single(twin.ProcessIds);
        time.Advance(TimeSpan.FromSeconds(10));
        using var response = await call;
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        AssertOutcome(twin, "Sandbox.Timedout", "Init timed out after 10.00 seconds");
        Assert.Contains("INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\tError Type: Sandbox.Timedout", _log);
        await TwinUnderTest.EventuallyAsync(() => IsGone(process));
    }

    [Fact]
    public async Task ExitDuringInit_IsExitError()
    {
        await using var twin = await StartAsync(new LambdaTwinOptions { Command = "/bin/sh", Arguments = ["-c", "exit 0"] });
        using var response = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        AssertOutcome(twin, "Runtime.ExitError", "Runtime exited without providing a reason");
    }

    [Fact]
    public async Task InitError_IsTheOutcomeOfTheCallThatNeededTheProcess()
    {
        await using var twin = await StartAsync(ChildProcess.Options("initerror;exit:1"));
        using var response = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("Runtime.BadConfig", twin.Invocations[^1].Outcome!.ErrorType);
    }

    [Fact]
    public async Task MissingExecutable_IsInvalidEntrypoint()
    {
        await using var twin = await StartAsync(new LambdaTwinOptions { Command = "/nowhere/bootstrap" });
        using var response = await _client.GetAsync(twin.FunctionUrl, Token);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        AssertOutcome(twin, "Runtime.InvalidEntrypoint", "no executable '/nowhere/bootstrap'");
    }

    [Fact]
    public async Task MistakeOfTheTwinItself_CostsThatCallAndItsProcessOnly()
    {
        // No timer can wait as long as this timeout.
        var twin = await StartAsync(ChildProcess.Options("next;hang") with { FunctionTimeout = TimeSpan.FromDays(60), MaxProcesses = 1 });
        for (var call = 0; call < 2; call++)
        {
            using var response = await _client.GetAsync(twin.FunctionUrl, Token);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.Equal("Sandbox.Failure", twin.Invocations[^1].Outcome!.ErrorType);
            await TwinUnderTest.EventuallyAsync(() => twin.ProcessIds.Length == 0);
        }

        await twin.DisposeAsync();
        Assert.Equal(2, _log.Count(line => line.StartsWith("The twin failed in RequestId: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Output_IsLoggedWithThePrefixOfItsProcess()
    {
        await using var twin = await StartAsync(new LambdaTwinOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", "echo to stdout; echo to stderr >&2; exit 1"],
            FunctionName = "fn",
        });
        (await _client.GetAsync(twin.FunctionUrl, Token)).Dispose();
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.EndsWith("] to stderr", StringComparison.Ordinal)));
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.EndsWith("] to stdout", StringComparison.Ordinal)));
        var lines = _log.Where(line => line.Contains("] to ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(@"^fn\[\d+\] to std(out|err)$", line));
    }

    [Fact]
    public async Task Environment_IsLambdasAndNotTheTwins()
    {
        Environment.SetEnvironmentVariable("LAMBDA_TWIN_SECRET_OF_THE_PARENT", "x");
        await using var twin = await StartAsync(new LambdaTwinOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", "env; exit 1"],
            FunctionName = "fn",
            MemorySizeMegabytes = 1769,
            Environment = new Dictionary<string, string> { ["AWS_REGION"] = "ap-northeast-1", ["SAGEMAKER_ENDPOINT_NAME"] = "e" },
        });
        (await _client.GetAsync(twin.FunctionUrl, Token)).Dispose();
        await TwinUnderTest.EventuallyAsync(
            () => _log.Any(line => line.Contains(" AWS_LAMBDA_RUNTIME_API=127.0.0.1:", StringComparison.Ordinal)));
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.Contains(" TZ=", StringComparison.Ordinal)));
        await twin.DisposeAsync();

        var variables = _log.Where(line => line.StartsWith("fn[", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal("bootstrap", variables["_HANDLER"]);
        Assert.Equal("fn", variables["AWS_LAMBDA_FUNCTION_NAME"]);
        Assert.Equal("$LATEST", variables["AWS_LAMBDA_FUNCTION_VERSION"]);
        Assert.Equal("1769", variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]);
        Assert.Equal("ap-northeast-1", variables["AWS_REGION"]);
        Assert.Equal("ap-northeast-1", variables["AWS_DEFAULT_REGION"]);
        Assert.Equal("on-demand", variables["AWS_LAMBDA_INITIALIZATION_TYPE"]);
        Assert.Equal("/aws/lambda/fn", variables["AWS_LAMBDA_LOG_GROUP_NAME"]);
        Assert.Equal("/bin", variables["LAMBDA_TASK_ROOT"]);
        Assert.Equal(":UTC", variables["TZ"]);
        Assert.Equal("en_US.UTF-8", variables["LANG"]);
        Assert.Equal("e", variables["SAGEMAKER_ENDPOINT_NAME"]);
        Assert.DoesNotContain("LAMBDA_TWIN_SECRET_OF_THE_PARENT", variables.Keys);
        Assert.DoesNotContain("HOME", variables.Keys);
        Assert.DoesNotContain("AWS_EXECUTION_ENV", variables.Keys);
    }

    [Fact]
    public async Task Dispose_LeavesNoProcessBehind()
    {
        // Deaf to SIGTERM, and with a child of its own.
        var twin = await StartAsync(new LambdaTwinOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", "trap '' TERM; sleep 1000 & echo child $!; wait; sleep 1000"],
        });
        var call = _client.GetAsync(twin.FunctionUrl, Token);
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.Contains("] child ", StringComparison.Ordinal)));
        var parent = Assert.Single(twin.ProcessIds);
        var child = int.Parse(
            _log.Single(line => line.Contains("] child ", StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);
        await twin.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => (await call).EnsureSuccessStatusCode());
        await TwinUnderTest.EventuallyAsync(() => IsGone(parent) && IsGone(child));
    }

    [Fact]
    public async Task Dispose_SendsSigtermFirstAndRecordsTheExitCode()
    {
        var twin = await StartAsync(new LambdaTwinOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"],
        });
        var call = _client.GetAsync(twin.FunctionUrl, Token);
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.EndsWith("] ready", StringComparison.Ordinal)));
        Assert.Empty(twin.ExitCodes);
        await twin.DisposeAsync();
        Assert.Equal([7], twin.ExitCodes);
        await Assert.ThrowsAnyAsync<Exception>(async () => (await call).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task Dispose_KillsWhatDoesNotEndInTime()
    {
        var twin = await StartAsync(new LambdaTwinOptions
        {
            Command = "/bin/sh",
            Arguments = ["-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"],
        });
        var call = _client.GetAsync(twin.FunctionUrl, Token);
        await TwinUnderTest.EventuallyAsync(() => _log.Any(line => line.EndsWith("] ready", StringComparison.Ordinal)));
        await twin.DisposeAsync();
        Assert.Equal([137], twin.ExitCodes);
        await Assert.ThrowsAnyAsync<Exception>(async () => (await call).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task DeathOfTheTwin_TakesItsProcessesWithIt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv (util-linux) is not installed");
        using var outer = Process.Start(new ProcessStartInfo(
            ChildProcess.Command,
            [.. ChildProcess.Arguments, "-explicit", "only", "-method", $"{typeof(FunctionProcessTests).FullName}.{nameof(OuterTwin)}"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            string? line;
            do
            {
                line = await outer.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
            }
            while (line is not null && !line.StartsWith("function process ", StringComparison.Ordinal));

            var function = int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture);
            Assert.False(IsGone(function));
            outer.Kill();
            await TwinUnderTest.EventuallyAsync(() => IsGone(function));
        }
        finally
        {
            outer.Kill();
        }
    }

    /// <summary>Not a test: a twin in a process of its own, for the test above to kill.</summary>
    [Fact(Explicit = true)]
    public async Task OuterTwin()
    {
        await using var twin = await StartAsync(new LambdaTwinOptions { Command = "sleep", Arguments = ["1000"] });
        var call = _client.GetAsync(twin.FunctionUrl, Token);
        await TwinUnderTest.EventuallyAsync(() => twin.ProcessIds.Length > 0);
        Console.WriteLine($"function process {twin.ProcessIds[0]}");
        await Assert.ThrowsAnyAsync<Exception>(() => call);
    }

    private Task<LambdaTwin> StartAsync(LambdaTwinOptions options) => LambdaTwin.StartAsync(options with { Log = _log.Enqueue }, Token);

    private string[] Reports() => [.. _log.Where(line => line.StartsWith("REPORT", StringComparison.Ordinal))];

    private static void AssertOutcome(LambdaTwin twin, string errorType, string message)
    {
        var outcome = twin.Invocations[^1].Outcome!;
        Assert.Equal(errorType, outcome.ErrorType);
        using var error = JsonDocument.Parse(outcome.ErrorBody);
        Assert.Equal(
            $"RequestId: {twin.Invocations[^1].RequestId} Error: {message}", error.RootElement.GetProperty("errorMessage").GetString());
    }

    // A zombie that nobody has reaped yet counts as gone.
    private static bool IsGone(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Split(") ")[^1].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }
}
