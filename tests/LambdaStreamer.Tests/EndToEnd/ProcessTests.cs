using System.Diagnostics;
using LambdaStreamer.Tests.RuntimeApi;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The native function as a process: how it starts, stops and exits.</summary>
public class ProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SigtermWhileItWaitsForAnEvent_ExitsWithZero()
    {
        using var runtimeApi = new ScriptedPeer();
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        using var function = Start(runtimeApi.HostAndPort, sageMaker.Url);
        using var poll = await runtimeApi.AcceptAsync();
        await poll.ReadUntilAsync("\r\n\r\n");
        Assert.Equal(0, await TerminateAsync(function));
    }

    [Fact]
    public async Task SigtermDuringInit_ExitsWithZero()
    {
        using var runtimeApi = new ScriptedPeer();
        using var silent = new ScriptedPeer();
        using var function = Start(runtimeApi.HostAndPort, $"http://{silent.HostAndPort}");
        using var connecting = await silent.AcceptAsync();
        await connecting.ReadUntilAsync("\r\n\r\n");
        Assert.Equal(0, await TerminateAsync(function));
    }

    [Fact]
    public async Task RuntimeApiThatFailsForGood_ExitsWithOne()
    {
        using var runtimeApi = new ScriptedPeer();
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        using var function = Start(runtimeApi.HostAndPort, sageMaker.Url);
        using var poll = await runtimeApi.AcceptAsync();
        await poll.ReadUntilAsync("\r\n\r\n");
        await poll.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        await function.WaitForExitAsync(Cancellation);
        Assert.Equal(1, function.ExitCode);
        Assert.Contains("refused a poll for the next invocation with 500", await function.StandardError.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task EnvironmentLostByOneLoopOfTwo_ExitsWithOne()
    {
        using var runtimeApi = new ScriptedPeer();
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        using var function = Start(runtimeApi.HostAndPort, sageMaker.Url, maxConcurrency: "2");
        using var first = await runtimeApi.AcceptAsync();
        await first.ReadUntilAsync("\r\n\r\n");
        using var second = await runtimeApi.AcceptAsync();
        await second.ReadUntilAsync("\r\n\r\n");
        await second.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        await function.WaitForExitAsync(Cancellation);
        Assert.Equal(1, function.ExitCode);
    }

    [Fact]
    public async Task WithoutARuntimeApi_SaysWhereItBelongsAndExitsWithTwo()
    {
        var (exitCode, _, errors) = await Tool.RunAsync("env", "-u", "AWS_LAMBDA_RUNTIME_API", NativeBinary.Path);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("AWS_LAMBDA_RUNTIME_API is not set: this program runs inside AWS Lambda", errors);
    }

    private static Process Start(string runtimeApi, string sageMakerUrl, string maxConcurrency = "")
    {
        var startInfo = new ProcessStartInfo(NativeBinary.Path) { RedirectStandardError = true };
        startInfo.Environment["AWS_LAMBDA_RUNTIME_API"] = runtimeApi;
        startInfo.Environment["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = sageMakerUrl;
        startInfo.Environment["SAGEMAKER_ENDPOINT_NAME"] = "endpoint";
        startInfo.Environment["AWS_REGION"] = "us-east-1";
        startInfo.Environment["AWS_LAMBDA_MAX_CONCURRENCY"] = maxConcurrency;
        startInfo.Environment["AWS_ACCESS_KEY_ID"] = "key";
        startInfo.Environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        return Process.Start(startInfo)!;
    }

    private static async Task<int> TerminateAsync(Process function)
    {
        Assert.Equal(0, (await Tool.RunAsync("kill", "-TERM", $"{function.Id}")).ExitCode);
        await function.WaitForExitAsync(Cancellation);
        return function.ExitCode;
    }
}
