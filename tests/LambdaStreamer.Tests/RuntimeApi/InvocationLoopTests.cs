using LambdaStreamer.RuntimeApi;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Tests.RuntimeApi;

public sealed class InvocationLoopTests : IDisposable
{
    private readonly ScriptedPeer _peer = new();
    private readonly RuntimeApiClient _client;
    private readonly StringWriter _written = new();

    private FunctionLog Log => new(LogLevel.Info, LogFormat.Text, _written, TimeProvider.System);

    public InvocationLoopTests() => _client = new RuntimeApiClient(_peer.HostAndPort);

    public void Dispose()
    {
        _client.Dispose();
        _peer.Dispose();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(413)]
    public async Task RefusedAnswer_IsDroppedAndTheNextInvocationTaken(int status)
    {
        using var shutdown = new CancellationTokenSource();
        var loop = new InvocationLoop(_client, (invocation, token) => _client.RespondAsync(invocation, "{}"u8.ToArray(), token), Log)
            .RunAsync(shutdown.Token);
        using var connection = await _peer.AcceptAsync();
        await SendEventAsync(connection, "first");
        await connection.ReadUntilAsync("{}");
        await connection.SendAsync($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");

        await SendEventAsync(connection, "second");
        Assert.Contains("/invocation/second/response", await connection.ReadUntilAsync("{}"));
        await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        await connection.ReadUntilAsync("\r\n\r\n");
        await shutdown.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task ContainerError_EndsTheLoop()
    {
        var loop = new InvocationLoop(_client, (invocation, token) => _client.RespondAsync(invocation, "{}"u8.ToArray(), token), Log)
            .RunAsync(TestContext.Current.CancellationToken);
        using var connection = await _peer.AcceptAsync();
        await SendEventAsync(connection, "first");
        await connection.ReadUntilAsync("{}");
        await connection.SendAsync("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(500, (await Assert.ThrowsAsync<RuntimeApiException>(() => loop)).Status);
    }

    [Fact]
    public async Task PollThatIsRefused_EndsTheLoop()
    {
        var loop = new InvocationLoop(_client, static (_, _) => default, Log).RunAsync(TestContext.Current.CancellationToken);
        using var connection = await _peer.AcceptAsync();
        await connection.ReadUntilAsync("\r\n\r\n");
        await connection.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(403, (await Assert.ThrowsAsync<RuntimeApiException>(() => loop)).Status);
    }

    [Fact]
    public async Task DefectOfTheHandler_IsReportedWithoutItsMessageAndTheNextInvocationTaken()
    {
        using var shutdown = new CancellationTokenSource();
        var loop = new InvocationLoop(_client, static (_, _) => throw new InvalidOperationException("somebody's prompt"), Log)
            .RunAsync(shutdown.Token);
        using var connection = await _peer.AcceptAsync();
        await SendEventAsync(connection, "first");
        var report = await connection.ReadUntilAsync("[]}");
        Assert.Contains("POST /2018-06-01/runtime/invocation/first/error ", report);
        Assert.Contains("\r\nLambda-Runtime-Function-Error-Type: Function.Defect\r\n", report);
        Assert.DoesNotContain("prompt", report);
        await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await connection.ReadUntilAsync("\r\n\r\n"));
        await shutdown.CancelAsync();
        await loop;

        // One line, and so one event of the log, its stack trace included.
        var line = Assert.Single(_written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("ERROR first Function.Defect System.InvalidOperationException    at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("prompt", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancellationThatNobodyAskedFor_IsADefectAndTheNextInvocationTaken()
    {
        using var shutdown = new CancellationTokenSource();
        var loop = new InvocationLoop(_client, static (_, _) => throw new TaskCanceledException(), Log).RunAsync(shutdown.Token);
        using var connection = await _peer.AcceptAsync();
        await SendEventAsync(connection, "first");
        Assert.Contains("POST /2018-06-01/runtime/invocation/first/error ", await connection.ReadUntilAsync("[]}"));
        await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("GET /2018-06-01/runtime/invocation/next ", await connection.ReadUntilAsync("\r\n\r\n"));
        await shutdown.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task DefectDuringTheShutdown_IsReportedAllTheSame()
    {
        using var shutdown = new CancellationTokenSource();
        var loop = new InvocationLoop(_client, async (_, _) =>
        {
            await shutdown.CancelAsync();
            throw new InvalidOperationException();
        }, Log).RunAsync(shutdown.Token);
        using var connection = await _peer.AcceptAsync();
        await SendEventAsync(connection, "first");
        Assert.Contains("POST /2018-06-01/runtime/invocation/first/error ", await connection.ReadUntilAsync("[]}"));
        await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        await loop;
    }

    private static async Task SendEventAsync(ScriptedPeer.Connection connection, string requestId)
    {
        await connection.ReadUntilAsync("/invocation/next HTTP/1.1\r\n");
        await connection.ReadUntilAsync("\r\n\r\n");
        await connection.SendAsync(
            $"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {requestId}\r\nLambda-Runtime-Deadline-Ms: 1732270000123\r\nContent-Length: 2\r\n\r\n{{}}");
    }
}
