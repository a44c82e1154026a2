using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class ConnectTests
{
    [Fact]
    public async Task ConnectionMadeAhead_ServesTheFirstCall()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connect = caller.ConnectAsync();
        var connection = await server.AcceptedAsync();
        Assert.Equal($"GET /ping HTTP/1.1\r\nHost: localhost:{server.Port}\r\n\r\n", await connection.ReadRequestAsync());
        await connection.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope");
        await connect;

        var call = caller.InvokeAsync();
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal((0, 0), (response.Retries, server.Waiting));
    }

    [Fact]
    public async Task ConnectionMadeAheadThatDies_IsReplacedAtOnce()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connect = caller.ConnectAsync();
        var connection = await server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await connect;

        var call = caller.InvokeAsync();
        await connection.ReadRequestAsync();
        connection.Reset();
        await server.AnswerAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal(1, response.Retries);
    }

    [Fact]
    public async Task NobodyThere_IsNoFailureOfConnectingAhead()
    {
        using var caller = new Caller(await UnusedAddressAsync());
        await caller.ConnectAsync();
    }

    [Fact]
    public async Task SilentPeer_IsGivenUpAfterTheConnectTimeout()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connect = caller.ConnectAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(30));
        await connect;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task NobodyThere_IsTriedThreeTimes()
    {
        using var caller = new Caller(await UnusedAddressAsync());
        var call = caller.FailureAsync();
        await caller.PauseAsync(1);
        await caller.PauseAsync(2);
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ConnectFailed, SageMakerStage.Connect, 2), (failure.Kind, failure.Stage, failure.Retries));
        Assert.Equal(500 - 10 - 10, caller.BudgetTokens);
    }

    [Fact]
    public async Task NobodyThere_GoesToTheFallback()
    {
        // Both endpoints are the runtime's, at one address; another connection may be had all the same.
        using var caller = new Caller(await UnusedAddressAsync(), options => options with { MaxAttempts = 1 });
        var failure = await caller.FailureAsync(Caller.Request with { FallbackEndpointName = "second-endpoint" });
        Assert.Equal((SageMakerFailureKind.ConnectFailed, 1), (failure.Kind, failure.Retries));
        Assert.Equal(SageMakerFailureKind.ConnectFailed, failure.FallbackKind);
    }

    [Fact]
    public async Task PeerThatNeverShakesHands_TimesOut()
    {
        // Accepts and says nothing to the TLS hello.
        await using var server = new ScriptedServer();
        using var caller = new Caller(new Uri($"https://localhost:{server.Port}"), options => options with { MaxAttempts = 1 });
        var call = caller.FailureAsync();
        await server.AcceptedAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(30));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ConnectTimedOut, SageMakerStage.Connect), (failure.Kind, failure.Stage));
    }

    [Fact]
    public async Task ConnectTimeout_EndsWithTheConnectionAndNotWithTheReply()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(60));
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal("hello", await Caller.ReadToEndAsync(response));
    }

    [Fact]
    public async Task ConnectTimeoutInTheMomentOfTheConnection_IsNoTimeoutOfARequestThatWasNeverSent()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        caller.Clock.FiresWhenStopped = TimeSpan.FromSeconds(30);
        var failure = await caller.FailureAsync();
        Assert.Equal((SageMakerFailureKind.ConnectionCut, SageMakerStage.Response, 0), (failure.Kind, failure.Stage, failure.Retries));
    }

    [Fact]
    public async Task UnknownIssuer_IsNotTriedAgain()
    {
        using var issuer = new TestIssuer();
        using var certificate = issuer.Issue("localhost");
        await using var server = new ScriptedServer(certificate);
        using var caller = new Caller(server);
        var failure = await caller.FailureAsync();
        Assert.Equal((SageMakerFailureKind.TlsFailed, SageMakerStage.Connect, 0), (failure.Kind, failure.Stage, failure.Retries));
    }

    [Fact]
    public async Task PlainPeer_FailsAsTls()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(new Uri($"https://localhost:{server.Port}"), options => options with { MaxAttempts = 1 });
        var call = caller.FailureAsync();
        var connection = await server.AcceptedAsync();
        await connection.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        Assert.Equal(SageMakerFailureKind.TlsFailed, (await call).Kind);
    }

    private static async Task<Uri> UnusedAddressAsync()
    {
        await using var server = new ScriptedServer();
        return server.Address;
    }
}
