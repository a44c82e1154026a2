using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>First-token timeout 120 s, idle timeout 60 s, as by default.</summary>
public class CallClockTests
{
    private static readonly byte[] Buffer = new byte[1024];

    [Fact]
    public async Task SilenceBeforeTheReply_TimesOutAsFirstToken()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(120));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.FirstTokenTimedOut, SageMakerStage.Response), (failure.Kind, failure.Stage));
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task BytesWithoutAToken_DoNotEndTheWaitForTheFirst()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var opening = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(100));
        await connection.WriteAsync(Caller.StreamHead + "3\r\n:\n\n\r\n");
        var response = await opening;
        Assert.Equal(3, await Caller.ReadAsync(response, Buffer));

        // The call and its reads share the 120 seconds.
        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.FirstTokenTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(19));
        Assert.False(failing.IsCompleted);
        caller.Clock.Advance(TimeSpan.FromSeconds(1));
        await failing;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task Token_EndsTheWaitForTheFirst()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        caller.Clock.Advance(TimeSpan.FromSeconds(119));
        await TokenAsync(call, response, connection);
        var read = Caller.ReadAsync(response, Buffer);
        caller.Clock.Advance(TimeSpan.FromSeconds(59));
        await connection.WriteAsync("1\r\nb\r\n");
        Assert.Equal(1, await read);
    }

    [Fact]
    public async Task FirstTokenThatIsLateWhileNobodyReads_EndsTheNextReadAtOnce()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (_, response, connection) = await StreamAsync(server, caller);
        await connection.WriteAsync("3\r\n:\n\n\r\n");
        Assert.Equal(3, await Caller.ReadAsync(response, Buffer));
        caller.Clock.Advance(TimeSpan.FromSeconds(120));
        await AssertReadFailsAsync(response, SageMakerFailureKind.FirstTokenTimedOut);
    }

    [Fact]
    public async Task FirstTokenThatWasReadInTime_IsNotLateWhileItIsWritten()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        await connection.WriteAsync("1\r\na\r\n");
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
        caller.Clock.Advance(TimeSpan.FromSeconds(120));
        call.TokenArrived();
        await connection.WriteAsync("1\r\nb\r\n");
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
    }

    [Fact]
    public async Task SilenceAfterAToken_TimesOutAsIdle()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        await TokenAsync(call, response, connection);
        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.IdleTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(failing.IsCompleted);
        caller.Clock.Advance(TimeSpan.FromSeconds(1));
        await failing;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task EveryToken_BeginsTheIdleTimeAnew()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        await TokenAsync(call, response, connection);
        for (var token = 0; token < 5; token++)
        {
            var read = Caller.ReadAsync(response, Buffer);
            caller.Clock.Advance(TimeSpan.FromSeconds(59));
            await connection.WriteAsync("1\r\na\r\n");
            Assert.Equal(1, await read);
            call.TokenArrived();
        }

        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.IdleTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(60));
        await failing;
    }

    [Fact]
    public async Task WaitsWithoutAToken_AddUp()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        await TokenAsync(call, response, connection);
        for (var comment = 0; comment < 2; comment++)
        {
            var read = Caller.ReadAsync(response, Buffer);
            caller.Clock.Advance(TimeSpan.FromSeconds(25));
            await connection.WriteAsync("3\r\n:\n\n\r\n");
            Assert.Equal(3, await read);

            // Not silence: the client is written to.
            caller.Clock.Advance(TimeSpan.FromSeconds(100));
        }

        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.IdleTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(failing.IsCompleted);
        caller.Clock.Advance(TimeSpan.FromSeconds(1));
        await failing;
    }

    [Fact]
    public async Task SlowConsumer_IsNotSageMakersSilence()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller);
        await TokenAsync(call, response, connection);
        caller.Clock.Advance(TimeSpan.FromMinutes(10));
        await TokenAsync(call, response, connection);
    }

    [Fact]
    public async Task TotalTimeout_CountsWhatTheTokensDoNot()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { TotalTimeout = TimeSpan.FromSeconds(100) });
        var (call, response, connection) = await StreamAsync(server, caller);
        caller.Clock.Advance(TimeSpan.FromSeconds(50));
        await TokenAsync(call, response, connection);
        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.TotalTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(49));
        Assert.False(failing.IsCompleted);
        caller.Clock.Advance(TimeSpan.FromSeconds(1));
        await failing;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task TotalTimeoutWhileNobodyReads_EndsTheNextReadAtOnce()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { TotalTimeout = TimeSpan.FromSeconds(100) });
        var (call, response, connection) = await StreamAsync(server, caller);
        await TokenAsync(call, response, connection);
        caller.Clock.Advance(TimeSpan.FromSeconds(100));
        await connection.WriteAsync("1\r\nb\r\n");
        await AssertReadFailsAsync(response, SageMakerFailureKind.TotalTimedOut);
    }

    [Fact]
    public async Task Deadline_EndsTheWaitForAReply()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync(Caller.Request with { Deadline = caller.Clock.GetUtcNow().AddSeconds(30) });
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(30));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.DeadlineNear, SageMakerStage.Response), (failure.Kind, failure.Stage));
    }

    [Fact]
    public async Task Deadline_EndsTheWaitForMoreOfABody()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var request = Caller.Request with { Deadline = caller.Clock.GetUtcNow().AddSeconds(30) };
        var (call, response, connection) = await StreamAsync(server, caller, request);
        await TokenAsync(call, response, connection);
        var failing = AssertReadFailsAsync(response, SageMakerFailureKind.DeadlineNear);
        caller.Clock.Advance(TimeSpan.FromSeconds(30));
        await failing;
    }

    [Fact]
    public async Task DeadlineThatHasPassed_SendsNothing()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var failure = await caller.FailureAsync(Caller.Request with { Deadline = caller.Clock.GetUtcNow() });
        Assert.Equal((SageMakerFailureKind.DeadlineNear, SageMakerStage.Request), (failure.Kind, failure.Stage));
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task DeadlineInTheFarFuture_IsNone()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var (call, response, connection) = await StreamAsync(server, caller, Caller.Request with { Deadline = DateTimeOffset.MaxValue });
        await TokenAsync(call, response, connection);
        caller.Clock.Advance(TimeSpan.FromDays(50));
        await TokenAsync(call, response, connection);
    }

    private static async Task<(EndpointCall Call, EndpointResponse Response, ScriptedServer.Connection Connection)> StreamAsync(
        ScriptedServer server, Caller caller, EndpointRequest? request = null)
    {
        var call = caller.Begin(request);
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Caller.StreamHead);
        return (call, await opening, connection);
    }

    private static async Task TokenAsync(EndpointCall call, EndpointResponse response, ScriptedServer.Connection connection)
    {
        await connection.WriteAsync("1\r\na\r\n");
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
        call.TokenArrived();
    }

    private static async Task AssertReadFailsAsync(EndpointResponse response, SageMakerFailureKind kind)
    {
        using (response)
        {
            var thrown = await Assert.ThrowsAsync<SageMakerException>(() => Caller.ReadAsync(response, Buffer));
            Assert.Equal((kind, SageMakerStage.Body), (thrown.Failure.Kind, thrown.Failure.Stage));
            Assert.Equal("3f1c7f4e-0000-4000-8000-000000000001", thrown.Failure.RequestId);
        }
    }
}
