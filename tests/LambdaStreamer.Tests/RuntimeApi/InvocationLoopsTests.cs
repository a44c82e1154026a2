using LambdaStreamer.RuntimeApi;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Tests.RuntimeApi;

/// <summary>Two loops of one process, each on a connection of its own.</summary>
public sealed class InvocationLoopsTests : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    private readonly ScriptedPeer _peer = new();
    private readonly RuntimeApiClient[] _clients;
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    public InvocationLoopsTests() => _clients = [new(_peer.HostAndPort), new(_peer.HostAndPort)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Array.ForEach(_clients, static client => client.Dispose());
        _peer.Dispose();
    }

    [Fact]
    public async Task EachLoop_PollsOnAConnectionOfItsOwnAndAnswersItsOwnInvocation()
    {
        using var shutdown = new CancellationTokenSource();
        var running = RunAsync(shutdown.Token);
        using var first = await AcceptPollAsync();
        using var second = await AcceptPollAsync();
        await SendEventAsync(first, "one");
        await SendEventAsync(second, "two");
        Assert.Contains("/invocation/two/response", await second.ReadUntilAsync("{}"));
        await AcceptAnswerAsync(second);
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await second.ReadUntilAsync("\r\n\r\n"));
        Assert.Contains("/invocation/one/response", await first.ReadUntilAsync("{}"));
        await AcceptAnswerAsync(first);
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await first.ReadUntilAsync("\r\n\r\n"));
        await shutdown.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(413)]
    public async Task RefusedAnswerOfOne_EndsNeither(int status)
    {
        using var shutdown = new CancellationTokenSource();
        var running = RunAsync(shutdown.Token);
        using var first = await AcceptPollAsync();
        using var second = await AcceptPollAsync();
        await SendEventAsync(first, "one");
        await first.ReadUntilAsync("{}");
        await first.SendAsync($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await first.ReadUntilAsync("\r\n\r\n"));
        await SendEventAsync(second, "two");
        Assert.Contains("/invocation/two/response", await second.ReadUntilAsync("{}"));
        await shutdown.CancelAsync();
        await running;
    }

    [Fact]
    public async Task EnvironmentLostByOne_EndsTheOtherAndIsThrown()
    {
        var running = RunAsync(Cancellation);
        using var first = await AcceptPollAsync();
        using var second = await AcceptPollAsync();
        await first.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");

        // The clock stands still: the other loop's poll was given up at once.
        Assert.Equal(500, (await Assert.ThrowsAsync<RuntimeApiException>(() => running)).Status);
    }

    [Fact]
    public async Task EnvironmentLostByOne_IsThrownEvenIfTheOtherDoesNotEnd()
    {
        var isRunning = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = RunAsync(Cancellation, async (_, _) =>
        {
            isRunning.SetResult();
            await Task.Delay(Timeout.Infinite, Cancellation);
        });
        using var first = await AcceptPollAsync();
        using var second = await AcceptPollAsync();
        await SendEventAsync(second, "two");
        await isRunning.Task;
        await first.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        await _time.TimerSetAsync(Grace, Cancellation);
        Assert.False(running.IsCompleted);
        _time.Advance(Grace);
        Assert.Equal(500, (await Assert.ThrowsAsync<RuntimeApiException>(() => running)).Status);
    }

    [Fact]
    public async Task AnswerThatDoesNotEndAfterShutdown_IsGivenUpInTime()
    {
        using var shutdown = new CancellationTokenSource();
        var isRunning = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = RunAsync(shutdown.Token, async (_, _) =>
        {
            isRunning.SetResult();
            await Task.Delay(Timeout.Infinite, Cancellation);
        });
        using var first = await AcceptPollAsync();
        using var second = await AcceptPollAsync();
        await SendEventAsync(second, "two");
        await isRunning.Task;
        await shutdown.CancelAsync();
        await _time.TimerSetAsync(Grace, Cancellation);
        Assert.False(running.IsCompleted);
        _time.Advance(Grace);
        await running;
    }

    private Task RunAsync(CancellationToken shutdown, Func<Invocation, CancellationToken, ValueTask>? handle = null) =>
        new InvocationLoops(
            _clients.Select(client => new InvocationLoop(
                client,
                handle ?? ((invocation, token) => client.RespondAsync(invocation, "{}"u8.ToArray(), token)),
                new FunctionLog(LogLevel.Error, LogFormat.Text, TextWriter.Null, TimeProvider.System))),
            _time).RunAsync(shutdown);

    private async Task<ScriptedPeer.Connection> AcceptPollAsync()
    {
        var connection = await _peer.AcceptAsync();
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await connection.ReadUntilAsync("\r\n\r\n"));
        return connection;
    }

    // Managed instances send every header, empty where there is no value.
    private static Task SendEventAsync(ScriptedPeer.Connection connection, string requestId) => connection.SendAsync(
        $"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {requestId}\r\nLambda-Runtime-Deadline-Ms: 1732270000123\r\n"
        + "Lambda-Runtime-Trace-Id: \r\nLambda-Runtime-Invocation-Id: \r\nContent-Length: 2\r\n\r\n{}");

    private static Task AcceptAnswerAsync(ScriptedPeer.Connection connection) =>
        connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
}
