using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class RetryTests
{
    private const string Busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nx-amzn-errortype: ServiceUnavailable\r\n\r\n{}";

    [Theory]
    [InlineData(Busy)]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nx-amzn-errortype: InternalFailure\r\n\r\n{}")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>")]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nx-amzn-errortype: ModelNotReadyException\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 16\r\n\r\n{\"message\":null}")]
    [InlineData("HTTP/1.1 424 Failed Dependency\r\nx-amzn-errortype: ModelError\r\nContent-Length: 26\r\n\r\n{\"OriginalStatusCode\":429}")]
    [InlineData("HTTP/1.1 424 Failed Dependency\r\nx-amzn-errortype: ModelError\r\nContent-Length: 26\r\n\r\n{\"OriginalStatusCode\":503}")]
    public async Task FailureThatMayPass_IsTriedAgainOnTheSameConnection(string reply)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        var first = EndpointRequestTests.Headers(await connection.ReadRequestAsync());
        await connection.WriteAsync(reply);
        await caller.PauseAsync(1);
        var second = EndpointRequestTests.Headers(await connection.ReadRequestAsync());
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;

        Assert.Equal(1, response.Retries);
        Assert.Equal(first["amz-sdk-invocation-id"], second["amz-sdk-invocation-id"]);
        Assert.Equal(("attempt=1; max=3", "attempt=2; max=3"), (first["amz-sdk-request"], second["amz-sdk-request"]));
    }

    [Theory]
    [InlineData(400, "ValidationError", "{}")]
    [InlineData(400, "ValidationError", "{\"Message\":\"Inference Component has no capacity to process this request.\"}")]
    [InlineData(403, "AccessDeniedException", "{}")]
    [InlineData(403, "ExpiredTokenException", "{}")]
    [InlineData(413, "x", "{}")]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":0}")]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":422}")]
    [InlineData(504, "x", "")]
    [InlineData(530, "InternalDependencyException", "{}")]
    public async Task FailureThatStays_IsReportedAtOnce(int status, string name, string body)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync(
            $"HTTP/1.1 {status} X\r\nx-amzn-errortype: {name}\r\nx-amzn-RequestId: id-1\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var failure = await call;
        Assert.Equal((status, 0, "id-1"), (failure.HttpStatus, failure.Retries, failure.RequestId));
    }

    [Fact]
    public async Task ThreeFailures_AreTheLast()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AnswerAsync(Busy);
        await caller.PauseAsync(1);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Busy);
        await caller.PauseAsync(2);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Busy);
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ServiceUnavailable, 2), (failure.Kind, failure.Retries));
    }

    [Fact]
    public async Task ShortRetryAfter_IsWaitedFor()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync("HTTP/1.1 429 X\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n");
        await caller.Clock.TimerSetAsync(TimeSpan.FromSeconds(2));
        caller.Clock.Advance(TimeSpan.FromSeconds(2));
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal(1, response.Retries);
    }

    [Fact]
    public async Task LongRetryAfter_IsLeftToTheCaller()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync("HTTP/1.1 429 X\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n");
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.Throttled, TimeSpan.FromSeconds(30), 0), (failure.Kind, failure.RetryAfter, failure.Retries));
    }

    [Fact]
    public async Task PauseThatWouldPassTheDeadline_IsNotBegun()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync(Caller.Request with { Deadline = caller.Clock.GetUtcNow().AddMilliseconds(20) });
        await server.AnswerAsync(Busy);
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ServiceUnavailable, 0), (failure.Kind, failure.Retries));
    }

    [Fact]
    public async Task CancelledPause_IsACancellation()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        using var cancel = new CancellationTokenSource();
        var call = caller.InvokeAsync(cancellationToken: cancel.Token);
        await server.AnswerAsync("HTTP/1.1 429 X\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n");
        await caller.Clock.TimerSetAsync(TimeSpan.FromSeconds(2));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task NewConnectionThatDies_IsNotReplaced()
    {
        // The request was on it, and the model may be at work.
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        connection.Reset();
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.ConnectionCut, SageMakerStage.Response, 0), (failure.Kind, failure.Stage, failure.Retries));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReusedConnectionThatDies_IsReplacedAtOnce(bool reset)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.WholeStream);
        using (var first = await call)
        {
            await Caller.ReadToEndAsync(first);
        }

        call = caller.InvokeAsync();
        await connection.ReadRequestAsync();
        if (reset)
        {
            connection.Reset();
        }
        else
        {
            connection.Finish();
        }

        // The clock stands still: whatever waited for it would wait forever.
        await server.AnswerAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal(1, response.Retries);
        Assert.Equal("hello", await Caller.ReadToEndAsync(response));
    }

    [Theory]
    [InlineData(2000, true)]
    [InlineData(2001, false)]
    public async Task ReusedConnection_IsReplacedOnlyIfItDiesWithTheRequest(int milliseconds, bool isReplaced)
    {
        // Later than that, the model was at work.
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var connecting = caller.ConnectAsync();
        var connection = await server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await connecting;

        var call = caller.Begin();
        var opening = call.OpenAsync(TestContext.Current.CancellationToken);
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        connection.Reset();
        if (isReplaced)
        {
            await server.AnswerAsync(Caller.WholeStream);
            using var response = await opening.WaitAsync(ScriptedServer.Patience, TestContext.Current.CancellationToken);
            Assert.True(call.Repeats.MayHaveRun);
        }
        else
        {
            var failed = await Assert.ThrowsAsync<SageMakerException>(
                () => opening.WaitAsync(ScriptedServer.Patience, TestContext.Current.CancellationToken));
            Assert.Equal((SageMakerFailureKind.ConnectionCut, 0), (failed.Failure.Kind, failed.Failure.Retries));
        }
    }

    [Fact]
    public async Task ReusedConnectionThatDies_TakesItsNeighboursAlong()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var calls = new[] { caller.InvokeAsync(), caller.InvokeAsync() };
        var connections = new[] { await server.AcceptedAsync(), await server.AcceptedAsync() };
        foreach (var connection in connections)
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(Caller.WholeStream);
        }

        foreach (var call in calls)
        {
            using var first = await call;
            await Caller.ReadToEndAsync(first);
        }

        // Whichever connection takes the request dies; the other one looks alive and must not be asked all the same.
        var last = caller.InvokeAsync();
        var requests = connections.Select(connection => connection.ReadRequestAsync()).ToArray();
        var asked = await Task.WhenAny(requests);
        connections[Array.IndexOf(requests, asked)].Reset();
        await server.AnswerAsync(Caller.WholeStream);
        using var response = await last;
        Assert.Equal(1, response.Retries);
    }

    [Fact]
    public async Task UnexpectedContentType_IsAFailureWithItsBeginning()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<html>\nportal\u00ff");
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.UnexpectedReply, 200), (failure.Kind, failure.HttpStatus));
        Assert.Equal("HTTP 200 with 'text/html' instead of an event stream: <html>\\x0aportal\\xff", failure.Message);
    }

    [Fact]
    public async Task EndlessErrorBody_IsReadToTheCapOnly()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AnswerAsync("HTTP/1.1 418 X\r\nContent-Length: 100000000\r\n\r\n" + new string('x', 64 * 1024));
        var failure = await call;
        Assert.Equal(SageMakerFailureKind.UnexpectedReply, failure.Kind);
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task ErrorBodyThatIsCut_StillGivesItsStatus()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AnswerAsync("HTTP/1.1 403 X\r\nContent-Length: 100\r\n\r\n{\"mess");
        connection.Finish();
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.AccessDenied, 403), (failure.Kind, failure.HttpStatus));
    }

    [Fact]
    public async Task ReplyThatIsNotHttp_IsUnexpected()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n");
        Assert.Equal(SageMakerFailureKind.UnexpectedReply, (await call).Kind);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync($"HTTP/1.1 307 X\r\nLocation: {server.Address}other\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal((SageMakerFailureKind.UnexpectedReply, 307), ((await call).Kind, (await call).HttpStatus));
    }
}
