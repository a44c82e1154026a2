using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>Requests that follow the first: inside one opening, after a stream that refused, and what is told of them.</summary>
public class EndpointCallTests
{
    private const string Throttled = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n";

    /// <summary>A stream whose one event says <c>overloaded</c>; what it says is the relay's to read.</summary>
    private const string Refusal = Caller.StreamHead + "4\r\nbusy\r\n0\r\n\r\n";

    [Fact]
    public async Task FirstRequestThatStreams_HasNoRepeats()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        await server.AnswerAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Same(Repeats.None, call.Repeats);
        Assert.Equal((0, null, false, false), (call.Repeats.Count, call.Repeats.Cause, call.Repeats.MayHaveRun, call.Repeats.UsedFallback));
    }

    [Theory]
    [InlineData("429 X\r\nContent-Length: 0\r\n\r\n", SageMakerFailureKind.Throttled, false)]
    [InlineData("503 X\r\nContent-Length: 0\r\n\r\n", SageMakerFailureKind.ServiceUnavailable, false)]
    [InlineData("502 X\r\nContent-Length: 0\r\n\r\n", SageMakerFailureKind.ServiceUnavailable, true)]
    [InlineData("500 X\r\nContent-Length: 0\r\n\r\n", SageMakerFailureKind.InternalFailure, true)]
    [InlineData("424 X\r\nContent-Length: 26\r\n\r\n{\"OriginalStatusCode\":503}", SageMakerFailureKind.ModelError, false)]
    public async Task Repeat_TellsItsCauseAndWhetherTheModelMayHaveRun(string reply, SageMakerFailureKind cause, bool mayHaveRun)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync("HTTP/1.1 " + reply);
        await caller.PauseAsync(1);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal(new Repeats { Count = 1, Cause = cause, MayHaveRun = mayHaveRun }, call.Repeats);
    }

    [Fact]
    public async Task ReplacedConnection_MayHaveCarriedTheRequest()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connecting = caller.ConnectAsync();
        var pooled = await server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await connecting;
        var call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        await pooled.ReadRequestAsync();
        pooled.Reset();
        await server.AnswerAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal(new Repeats { Count = 1, Cause = SageMakerFailureKind.ConnectionCut, MayHaveRun = true }, call.Repeats);
    }

    [Fact]
    public async Task Repeats_AreThereWhileTheCallIsStillBeingOpened()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Throttled);
        var before = call.Repeats;
        await caller.PauseAsync(1);
        await connection.ReadRequestAsync();
        Assert.Equal((0, 1), (before.Count, call.Repeats.Count));
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
    }

    [Fact]
    public async Task RequestTheModelMayHaveHad_IsNotRepeatedOnceTheAnswerHasStarted()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Caller.Request with { FallbackEndpointName = "second-endpoint" });
        var failing = Caller.FailureAsync(call);
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        call.AnswerStarted();
        await connection.WriteAsync("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");

        // The clock stands still: a pause would wait forever.
        Assert.Equal((SageMakerFailureKind.InternalFailure, 0), ((await failing).Kind, (await failing).Retries));
        Assert.Same(Repeats.None, call.Repeats);
    }

    [Fact]
    public async Task AnswerThatStartsDuringThePause_ForbidsTheRepeatToo()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var failing = Caller.FailureAsync(call);
        await server.AnswerAsync("HTTP/1.1 500 X\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n");
        await caller.Clock.TimerSetAsync(TimeSpan.FromSeconds(2));
        call.AnswerStarted();
        caller.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((SageMakerFailureKind.InternalFailure, 0), ((await failing).Kind, (await failing).Retries));
    }

    [Fact]
    public async Task ReplacedConnection_IsNotAskedOnceTheAnswerHasStarted()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connecting = caller.ConnectAsync();
        var pooled = await server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await connecting;
        var call = caller.Begin();
        var failing = Caller.FailureAsync(call);
        await pooled.ReadRequestAsync();
        call.AnswerStarted();
        pooled.Reset();
        Assert.Equal((SageMakerFailureKind.ConnectionCut, 0), ((await failing).Kind, (await failing).Retries));
    }

    [Fact]
    public async Task RequestTheModelNeverHad_IsRepeatedAfterTheAnswerHasStarted()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        call.AnswerStarted();
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Throttled);
        await caller.PauseAsync(1);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal(1, call.Repeats.Count);
    }

    [Fact]
    public async Task RefusalInsideAStream_IsRepeatedAfterAPause()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var connection = await RefusedInStreamAsync(server, call);
        var pausing = PauseBeforeRepeatAsync(call);
        await caller.PauseAsync(1);
        Assert.True(await pausing);

        var opening = Caller.OpenAsync(call);
        var request = EndpointRequestTests.Headers(await connection.ReadRequestAsync());
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal("attempt=2; max=3", request["amz-sdk-request"]);
        Assert.Equal(new Repeats { Count = 1, Cause = SageMakerFailureKind.Throttled }, call.Repeats);
        Assert.Equal(1, response.Retries);
        Assert.Equal("hello", await Caller.ReadToEndAsync(response));
    }

    [Fact]
    public async Task RefusalsBeforeAndInsideAStream_ShareTheRequestsOfACall()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { MaxAttempts = 2 });
        var call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Throttled);
        await caller.PauseAsync(1);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Refusal);
        using (var response = await opening)
        {
            await Caller.ReadToEndAsync(response);
        }

        // The clock stands still: a pause would wait forever.
        Assert.False(await PauseBeforeRepeatAsync(call));
        Assert.Equal(1, call.Repeats.Count);
    }

    [Fact]
    public async Task StreamWithAToken_IsNotRepeated()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        await RefusedInStreamAsync(server, call);
        call.TokenArrived();
        Assert.False(await PauseBeforeRepeatAsync(call));
    }

    [Theory]
    [InlineData(20, 120)]
    [InlineData(1000, 0)]
    public async Task PauseThatWouldPassTheDeadlineOrTheFirstTokenTimeout_IsNotBegun(int deadlineMilliseconds, int firstTokenSeconds)
    {
        await using var server = new ScriptedServer();
        var firstToken = TimeSpan.FromSeconds(firstTokenSeconds) + TimeSpan.FromMilliseconds(20);
        using var caller = new Caller(server, options => options with { FirstTokenTimeout = firstToken });
        var call = caller.Begin(Caller.Request with { Deadline = caller.Clock.GetUtcNow().AddMilliseconds(deadlineMilliseconds) });
        await RefusedInStreamAsync(server, call);
        Assert.False(await PauseBeforeRepeatAsync(call));
    }

    [Fact]
    public async Task CancelledPause_IsACancellation()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        using var cancel = new CancellationTokenSource();
        var call = caller.Begin();
        await RefusedInStreamAsync(server, call);
        var pausing = PauseBeforeRepeatAsync(call, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pausing);
    }

    [Fact]
    public async Task FirstTokenTimeout_SpansAllOpenings()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        var connection = await RefusedInStreamAsync(server, call);
        caller.Clock.Advance(TimeSpan.FromSeconds(100));
        var pausing = PauseBeforeRepeatAsync(call);
        await caller.PauseAsync(1);
        Assert.True(await pausing);
        var failing = Caller.FailureAsync(call);
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(20));
        var failure = await failing;
        Assert.Equal((SageMakerFailureKind.FirstTokenTimedOut, 1), (failure.Kind, failure.Retries));
    }

    [Theory]
    [InlineData(true, 500)]
    [InlineData(false, 495)]
    public async Task Repeat_IsPaidForUntilTheCallHasAToken(bool hasToken, int tokensAfter)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin();
        await RefusedInStreamAsync(server, call);
        var pausing = PauseBeforeRepeatAsync(call);
        await caller.PauseAsync(1);
        await pausing;
        Assert.Equal(495, caller.BudgetTokens);
        if (hasToken)
        {
            call.TokenArrived();
        }

        call.Dispose();
        call.Dispose();
        Assert.Equal(tokensAfter, caller.BudgetTokens);
    }

    [Fact]
    public async Task EmptyBudget_RepeatsNothing()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { MaxAttempts = 2 });
        ScriptedServer.Connection? connection = null;

        // A hundred repeats at 5 of the process's 500 tokens; a call that never had a token of the model's gives none back.
        for (var call = 0; call < 100; call++)
        {
            var failing = caller.FailureAsync();
            connection ??= await server.AcceptedAsync();
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Throttled);
            await caller.PauseAsync(1);
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Throttled);
            Assert.Equal(1, (await failing).Retries);
        }

        var last = caller.FailureAsync();
        await connection!.ReadRequestAsync();
        await connection.WriteAsync(Throttled);
        Assert.Equal((SageMakerFailureKind.Throttled, 0), ((await last).Kind, (await last).Retries));
    }

    private static async Task<ScriptedServer.Connection> RefusedInStreamAsync(ScriptedServer server, EndpointCall call)
    {
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Refusal);
        using var response = await opening;
        await Caller.ReadToEndAsync(response);
        return connection;
    }

    private static Task<bool> PauseBeforeRepeatAsync(EndpointCall call, CancellationToken? cancellationToken = null) =>
        call.PauseBeforeRepeatAsync(cancellationToken ?? TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(ScriptedServer.Patience);
}
