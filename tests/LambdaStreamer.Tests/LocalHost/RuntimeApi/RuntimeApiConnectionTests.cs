using System.Net;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>What a connection takes and refuses, whatever the invocation.</summary>
public class RuntimeApiConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UnknownRoute_Is404()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        await twin.Runtime.SendAsync("GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: twin\r\n\r\n");
        Assert.Equal("HTTP/1.1 404 Not Found", (await twin.Runtime.ReceiveAsync()).StatusLine);
        Assert.Equal([ViolationKind.UnknownRoute], twin.ViolationKinds);
    }

    [Fact]
    public async Task MalformedRequest_Is400AndClosesTheConnection()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        await twin.Runtime.SendAsync("GET /2018-06-01/ping HTTP/1.1\nHost: twin\n\r\n\r\n");
        Assert.Equal("HTTP/1.1 400 Bad Request", (await twin.Runtime.ReceiveAsync()).StatusLine);
        Assert.True(await twin.Runtime.IsClosedAsync());
        Assert.Equal([ViolationKind.MalformedRequest], twin.ViolationKinds);
    }

    [Fact]
    public async Task ConnectionClose_IsHonoured()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        await twin.Runtime.SendAsync("GET /2018-06-01/ping HTTP/1.1\r\nHost: twin\r\nConnection: close\r\n\r\n");
        Assert.Equal("close", (await twin.Runtime.ReceiveAsync())["Connection"]);
        Assert.True(await twin.Runtime.IsClosedAsync());
    }

    [Fact]
    public async Task TwoRequestsInOneWrite_AreAnsweredInOrder()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        const string Ping = "GET /2018-06-01/ping HTTP/1.1\r\nHost: twin\r\n\r\n";
        await twin.Runtime.SendAsync(Ping + "GET /2018-06-01/pong HTTP/1.1\r\nHost: twin\r\n\r\n" + Ping);
        Assert.Equal("HTTP/1.1 200 OK", (await twin.Runtime.ReceiveAsync()).StatusLine);
        Assert.Equal("HTTP/1.1 404 Not Found", (await twin.Runtime.ReceiveAsync()).StatusLine);
        Assert.Equal("HTTP/1.1 200 OK", (await twin.Runtime.ReceiveAsync()).StatusLine);
    }

    [Fact]
    public async Task PollWithABody_IsRecorded()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = twin.Client.GetAsync("/", Token);
        await twin.Runtime.SendAsync("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: twin\r\nContent-Length: 2\r\n\r\n{}");
        await twin.Runtime.TakeEventAsync();
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
        Assert.Equal([ViolationKind.BodyOnNext], twin.ViolationKinds);
    }

    [Fact]
    public async Task MissingInvocationId_IsRecordedAndTolerated()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.SendAsync(
            $"POST /2018-06-01/runtime/invocation/{twin.Runtime.RequestId}/response HTTP/1.1\r\nHost: twin\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal("HTTP/1.1 202 Accepted", (await twin.Runtime.ReceiveAsync()).StatusLine);
        (await call).Dispose();
        Assert.Equal([ViolationKind.InvocationIdNotEchoed], twin.ViolationKinds);
    }

    [Fact]
    public async Task ErrorReportCutByAReset_EndsTheCall()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.SendAsync(twin.Runtime.Post($"invocation/{twin.Runtime.RequestId}/error", "Content-Length: 100\r\n") + "{");
        twin.Runtime.Reset();
        using var response = await call;
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains(ViolationKind.TruncatedBody, twin.ViolationKinds);
    }

    [Fact]
    public async Task PollThatWentAway_LosesNoEvent()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        using (var gone = twin.Connect())
        {
            await gone.BeginNextAsync();
        }

        var call = await twin.CallAsync();
        Assert.NotNull(twin.Runtime.Event["Lambda-Runtime-Aws-Request-Id"]);
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }
}
