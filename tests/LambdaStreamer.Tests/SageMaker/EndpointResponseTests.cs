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
