using System.Text;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class EndpointResponseTests
{
    private static readonly byte[] Buffer = new byte[1024];

    [Fact]
    public async Task WholeStream_IsReadToItsEndAndLeavesTheConnectionForTheNext()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.WholeStream);
        using (var response = await call)
        {
            Assert.Equal("3f1c7f4e-0000-4000-8000-000000000001", response.RequestId);
            Assert.Equal("text/event-stream", response.ContentType);
            Assert.Equal("AllTraffic", response.InvokedProductionVariant);
            Assert.Equal("c=1", response.CustomAttributes);
            Assert.Equal(0, response.Retries);
            Assert.Equal("hello", await Caller.ReadToEndAsync(response));
        }

        var next = caller.InvokeAsync();
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var second = await next;
        Assert.Equal("hello", await Caller.ReadToEndAsync(second));
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task EachPiece_IsHandedOutWhenItComes()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead);
        using var response = await call;
        foreach (var piece in (string[])["a", "bc", "d"])
        {
            var read = Caller.ReadAsync(response, Buffer);
            Assert.False(read.IsCompleted);
            await connection.WriteAsync($"{piece.Length:x}\r\n{piece}\r\n");
            Assert.Equal(piece, Encoding.Latin1.GetString(Buffer, 0, await read));
        }

        await connection.WriteAsync("0\r\n\r\n");
        Assert.Equal(0, await Caller.ReadAsync(response, Buffer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5\r\nhe")]
    [InlineData("5\r\nhello\r\n")]
    public async Task ConnectionThatEndsEarly_IsCut(string beginning)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead + beginning);
        connection.Finish();
        await AssertBodyFailsAsync(await call, SageMakerFailureKind.ConnectionCut);
        Assert.Equal(0, server.Waiting);
    }

    [Fact]
    public async Task ConnectionThatIsReset_IsCut()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead + "5\r\nhello\r\n");
        var response = await call;
        Assert.Equal(5, await Caller.ReadAsync(response, Buffer));
        connection.Reset();
        await AssertBodyFailsAsync(response, SageMakerFailureKind.ConnectionCut);
    }

    [Fact]
    public async Task BrokenChunk_IsAnUnexpectedReply()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        await server.AnswerAsync(Caller.StreamHead + "xyz\r\n");
        await AssertBodyFailsAsync(await call, SageMakerFailureKind.UnexpectedReply);
    }

    [Fact]
    public async Task DisposedInMidStream_ClosesTheConnection()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead + "5\r\nhello\r\n");
        var response = await call;
        Assert.Equal(5, await Caller.ReadAsync(response, Buffer));

        // Whoever read on to the end would keep the connection.
        await connection.WriteAsync("5\r\nworld\r\n0\r\n\r\n");
        response.Dispose();
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task CancelledRead_ClosesTheConnectionAndIsNoFailure()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        using var cancel = new CancellationTokenSource();
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead);
        using var response = await call;
        var read = response.ReadAsync(Buffer, cancel.Token);
        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(read.AsTask);
        Assert.Equal(cancel.Token, thrown.CancellationToken);
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task CancelledCall_ClosesTheConnectionAndIsNoFailure()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        using var cancel = new CancellationTokenSource();
        var call = caller.InvokeAsync(cancellationToken: cancel.Token);
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, thrown.CancellationToken);
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task SilenceBeforeTheReply_TimesOutAsFirstByte()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(120));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.FirstByteTimedOut, SageMakerStage.Response), (failure.Kind, failure.Stage));
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task SilenceAfterTheHead_TimesOutAsFirstByteToo()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        await connection.ReadRequestAsync();
        caller.Clock.Advance(TimeSpan.FromSeconds(100));
        await connection.WriteAsync(Caller.StreamHead);
        var response = await call;
        var failing = AssertBodyFailsAsync(response, SageMakerFailureKind.FirstByteTimedOut);

        // The call and the first read share the 120 seconds.
        caller.Clock.Advance(TimeSpan.FromSeconds(20));
        await failing;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task SilenceBetweenReads_TimesOutAsIdle()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead + "1\r\na\r\n");
        var response = await call;
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));

        var read = Caller.ReadAsync(response, Buffer);
        caller.Clock.Advance(TimeSpan.FromSeconds(59));
        await connection.WriteAsync("1\r\nb\r\n");
        Assert.Equal(1, await read);

        var failing = AssertBodyFailsAsync(response, SageMakerFailureKind.IdleTimedOut);
        caller.Clock.Advance(TimeSpan.FromSeconds(60));
        await failing;
        await connection.ClosedByClientAsync();
    }

    [Fact]
    public async Task SlowConsumer_IsNotSageMakersSilence()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AnswerAsync(Caller.StreamHead + "1\r\na\r\n");
        using var response = await call;
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
        caller.Clock.Advance(TimeSpan.FromMinutes(10));
        await connection.WriteAsync("1\r\nb\r\n");
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
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
        var call = caller.InvokeAsync(Caller.Request with { Deadline = caller.Clock.GetUtcNow().AddSeconds(30) });
        await server.AnswerAsync(Caller.StreamHead + "1\r\na\r\n");
        var response = await call;
        Assert.Equal(1, await Caller.ReadAsync(response, Buffer));
        var failing = AssertBodyFailsAsync(response, SageMakerFailureKind.DeadlineNear);
        caller.Clock.Advance(TimeSpan.FromSeconds(30));
        await failing;
    }

    private static async Task AssertBodyFailsAsync(EndpointResponse response, SageMakerFailureKind kind)
    {
        using (response)
        {
            var thrown = await Assert.ThrowsAsync<SageMakerException>(() => Caller.ReadToEndAsync(response));
            Assert.Equal((kind, SageMakerStage.Body), (thrown.Failure.Kind, thrown.Failure.Stage));
            Assert.Equal("3f1c7f4e-0000-4000-8000-000000000001", thrown.Failure.RequestId);
        }
    }
}
