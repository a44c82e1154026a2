using System.Net;
using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.FunctionUrl;

public class FunctionUrlResponseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prelude_BecomesStatusHeadersAndCookies()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(
            """
            {"statusCode":418,"headers":{"Content-Type":"text/event-stream","X-Model":"a, b","Connection":"close",
            "Transfer-Encoding":"gzip","Content-Length":"1","WWW-Authenticate":"Bearer",
            "Server":"me","Date":"today"},"cookies":["a=1; Path=/","b=2"]}
            """ + "\0\0\0\0\0\0\0\0");
        using var response = await call;
        await twin.Runtime.ChunkAsync("data");
        await twin.Runtime.EndStreamAsync();

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("a, b", string.Join("|", response.Headers.GetValues("X-Model")));
        Assert.Equal(["a=1; Path=/", "b=2"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(["1"], response.Headers.GetValues("x-amzn-remapped-content-length"));
        Assert.Equal(["Bearer"], response.Headers.GetValues("x-amzn-remapped-www-authenticate"));
        Assert.Equal(["me"], response.Headers.GetValues("x-amzn-remapped-server"));
        Assert.Equal(["today"], response.Headers.GetValues("x-amzn-remapped-date"));
        Assert.Equal(twin.Runtime.RequestId, response.Headers.GetValues("x-amzn-RequestId").Single());
        Assert.StartsWith("Root=1-", response.Headers.GetValues("X-Amzn-Trace-Id").Single(), StringComparison.Ordinal);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Empty(response.Headers.Connection);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Equal(("data", true), await TwinUnderTest.ReadBodyAsync(response));
    }

    [Fact]
    public async Task Pieces_ReachTheClientOneByOne()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);

        // Each step waits for what the one before brought to the client; nothing may be held back.
        using var response = await call;
        var body = await response.Content.ReadAsStreamAsync(Token);
        var buffer = new byte[100];
        foreach (var piece in new[] { "a", "longer piece", "é", "end" })
        {
            await twin.Runtime.ChunkAsync(piece);
            var bytes = Encoding.UTF8.GetBytes(piece);
            await body.ReadExactlyAsync(buffer.AsMemory(0, bytes.Length), Token);
            Assert.Equal(bytes, buffer[..bytes.Length]);
        }

        // Half a chunk goes on, too.
        await twin.Runtime.SendAsync("4\r\nha");
        await body.ReadExactlyAsync(buffer.AsMemory(0, 2), Token);
        await twin.Runtime.SendAsync("lf\r\n");
        await body.ReadExactlyAsync(buffer.AsMemory(0, 2), Token);
        await twin.Runtime.EndStreamAsync();
        Assert.Equal(0, await body.ReadAsync(buffer, Token));
    }

    [Fact]
    public async Task StreamWithoutPrelude_Is200WithTheRuntimesType()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync(ScriptedRuntime.PlainStreamHead);
        await twin.Runtime.ChunkAsync("a;b");
        using var response = await call;
        await twin.Runtime.EndStreamAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(("a;b", true), await TwinUnderTest.ReadBodyAsync(response));
    }

    [Theory]
    [InlineData("{\"statusCode\":\"x\"}\0\0\0\0\0\0\0\0body")]
    [InlineData("{\"headers\":{\"bad name\":\"x\"}}\0\0\0\0\0\0\0\0body")]
    [InlineData("{\"headers\":{\"a\":\"x\\r\\ny: z\"}}\0\0\0\0\0\0\0\0body")]
    [InlineData("{\"headers\":{}")]
    public async Task UnusablePrelude_Is502(string payload)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(payload);
        await twin.Runtime.EndStreamAsync();
        using var response = await call;
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(("Internal Server Error", true), await TwinUnderTest.ReadBodyAsync(response));
    }

    [Fact]
    public async Task ErrorWithinThePrelude_Is502()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync("{\"statusCode\":200");
        twin.Runtime.Finish();
        using var response = await call;
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task ErrorBeforeAByteWithoutPrelude_Is502()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync(ScriptedRuntime.PlainStreamHead);
        await twin.Runtime.EndStreamAsync("Lambda-Runtime-Function-Error-Type: Function.Bad\r\n");
        using var response = await call;
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task TimeoutAfterTheHead_CutsTheConnection()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await TwinUnderTest.StartAsync(
            new LambdaTwinOptions { TimeProvider = time, FunctionTimeout = TimeSpan.FromSeconds(3) });
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "partial");
        using var response = await call;
        var body = await response.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[7], Token);
        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<HttpIOException>(() => body.ReadExactlyAsync(new byte[1], Token).AsTask());
        Assert.Equal("Sandbox.Timedout", twin.Record.Outcome!.ErrorType);
    }

    [Fact]
    public async Task BusyFunction_Is429()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var first = await twin.CallAsync();
        using var second = await twin.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(
            """{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}""",
            await second.Content.ReadAsStringAsync(Token));
        await twin.Runtime.RespondAsync("x");
        (await first).Dispose();
    }

    [Fact]
    public async Task ClientThatHangsUp_DoesNotStopTheFunction()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "first");
        (await call).Dispose();
        await TwinUnderTest.EventuallyAsync(() => twin.Record.CallerDisconnected);

        await twin.Runtime.ChunkAsync(new string('x', 1024 * 1024));
        Assert.Equal("HTTP/1.1 202 Accepted", (await twin.Runtime.EndStreamAsync()).StatusLine);
        Assert.False(twin.Record.Outcome!.IsError);
        Assert.Equal(66 + 5 + (1024 * 1024), twin.Record.PayloadBytes);
    }

    [Fact]
    public async Task StreamBeyondTheBurst_IsSlowedToTwoMebibytesASecond()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { TimeProvider = time });
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync("{}\0\0\0\0\0\0\0\0");
        using var response = await call;
        var body = await response.Content.ReadAsStreamAsync(Token);
        var sending = twin.Runtime.ChunkAsync(new string('x', 7 * 1024 * 1024));
        var buffer = new byte[7 * 1024 * 1024];

        var burst = (6 * 1024 * 1024) - 10;
        await body.ReadExactlyAsync(buffer.AsMemory(0, burst), Token);
        var next = body.ReadExactlyAsync(buffer.AsMemory(0, 256 * 1024), Token).AsTask();
        var interval = TimeSpan.FromMilliseconds(125);
        await time.TimerSetAsync(interval, Token);
        Assert.False(next.IsCompleted);
        time.Advance(interval);
        await next;

        for (var left = (1024 * 1024) + 10 - (256 * 1024); left > 0; left -= 256 * 1024)
        {
            await time.TimerSetAsync(interval, Token);
            time.Advance(interval);
        }

        await body.ReadExactlyAsync(buffer.AsMemory(0, (768 * 1024) + 10), Token);
        await sending;
        await twin.Runtime.EndStreamAsync();
    }

    [Fact]
    public async Task BandwidthLimit_CanBeSwitchedOff()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { TimeProvider = time, LimitBandwidth = false });
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        using var response = await call;
        var sending = twin.Runtime.ChunkAsync(new string('x', 7 * 1024 * 1024));
        await (await response.Content.ReadAsStreamAsync(Token)).ReadExactlyAsync(new byte[7 * 1024 * 1024], Token);
        await sending;
        await twin.Runtime.EndStreamAsync();
    }
}
