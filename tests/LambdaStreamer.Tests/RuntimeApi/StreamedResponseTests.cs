using System.Buffers;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Tests.RuntimeApi;

public sealed class StreamedResponseTests : IDisposable
{
    private const string Accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}";

    private static readonly Invocation Invocation = new()
    {
        RequestId = "8476a536",
        InvocationId = "nonce-1",
        Deadline = DateTimeOffset.MaxValue,
        Event = default,
    };

    private readonly ScriptedPeer _peer = new();
    private readonly RuntimeApiClient _client;
    private readonly StreamedResponse _response;

    public StreamedResponseTests()
    {
        _client = new RuntimeApiClient(_peer.HostAndPort);
        _response = _client.OpenResponse(Invocation);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ReadOnlyMemory<byte> PreludeBytes
    {
        get
        {
            using var prelude = new ByteBuffer();
            Prelude.Write(prelude, 200, ("content-type", "text/plain"));
            return prelude.Unread.ToArray();
        }
    }

    public void Dispose()
    {
        _response.Dispose();
        _client.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task WholeAnswer_IsTheDocumentedBytes()
    {
        await _response.ConnectAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await _response.StartAsync(Prelude.ContentType, PreludeBytes, needsBody: true, Cancellation);
        Assert.Equal(
            $"POST /2018-06-01/runtime/invocation/8476a536/response HTTP/1.1\r\nHost: {_peer.HostAndPort}\r\nUser-Agent: lambdastreamer/0.1\r\n"
            + "Lambda-Runtime-Invocation-Id: nonce-1\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n"
            + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\nConnection: close\r\n"
            + "Content-Type: application/vnd.awslambda.http-integration-response\r\n\r\n"
            + "42\r\n{\"statusCode\":200,\"headers\":{\"content-type\":\"text/plain\"}}\0\0\0\0\0\0\0\0\r\n",
            await connection.ReadUntilAsync("\0\r\n"));

        _response.Output.Write("Hello, 世界"u8);
        await _response.FlushAsync(Cancellation);
        Assert.Equal("D\r\nHello, 世界\r\n", await connection.ReadUntilAsync("界\r\n"));

        _response.Output.Write("!"u8);
        var completed = _response.CompleteAsync(Cancellation);
        Assert.Equal("1\r\n!\r\n0\r\n\r\n", await connection.ReadUntilAsync("0\r\n\r\n"));
        Assert.False(completed.IsCompleted);
        await connection.SendAsync(Accepted);
        await completed;
    }

    [Theory]
    [InlineData(1, "1\r\n")]
    [InlineData(15, "F\r\n")]
    [InlineData(16, "10\r\n")]
    [InlineData(4095, "FFF\r\n")]
    [InlineData(65536, "10000\r\n")]
    [InlineData(1048576, "100000\r\n")]
    public async Task Chunk_IsFramedByItsSize(int length, string sizeLine)
    {
        using var connection = await StartAsync();
        _response.Output.Write(Enumerable.Repeat((byte)'x', length).ToArray());
        var flushed = _response.FlushAsync(Cancellation).AsTask();
        Assert.Equal(sizeLine + new string('x', length) + "\r\n", await connection.ReadUntilAsync("x\r\n"));
        await flushed;
    }

    [Fact]
    public async Task EachFlush_IsOneWrite()
    {
        using var connection = await StartAsync();
        var before = connection.DataSegmentsReceived;
        for (var i = 0; i < 100; i++)
        {
            _response.Output.Write("first piece, "u8);
            _response.Output.Write("second piece"u8);
            await _response.FlushAsync(Cancellation);
            Assert.Equal("19\r\nfirst piece, second piece\r\n", await connection.ReadUntilAsync("piece\r\n"));
        }

        await _response.FlushAsync(Cancellation);
        Assert.Equal(before + 100, connection.DataSegmentsReceived);
    }

    [Fact]
    public async Task Flush_AllocatesNothing()
    {
        using var connection = await StartAsync();
        await _response.FlushAsync(Cancellation);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                _response.Output.Write("some text"u8);
                var flushed = _response.FlushAsync(CancellationToken.None);
                Assert.True(flushed.IsCompletedSuccessfully);
            }
        }));
    }

    [Fact]
    public async Task Failure_EndsTheBodyWithTrailers()
    {
        using var connection = await StartAsync();
        _response.Output.Write("Hel"u8);
        var failed = _response.FailAsync(new FunctionError("Function.EndpointCut", "It broke."), Cancellation);
        var end = await connection.ReadUntilAsync("\r\n\r\n");
        Assert.Equal(
            "3\r\nHel\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.EndpointCut\r\nLambda-Runtime-Function-Error-Body: "
            + "eyJlcnJvck1lc3NhZ2UiOiJJdCBicm9rZS4iLCJlcnJvclR5cGUiOiJGdW5jdGlvbi5FbmRwb2ludEN1dCIsInN0YWNrVHJhY2UiOltdfQ==\r\n\r\n",
            end);
        await connection.SendAsync(Accepted);
        await failed;
    }

    [Fact]
    public async Task AnswerWithoutABody_GetsOneByte()
    {
        using var connection = await StartAsync();
        var completed = _response.CompleteAsync(Cancellation);
        Assert.Equal("1\r\n\n\r\n0\r\n\r\n", await connection.ReadUntilAsync("0\r\n\r\n"));
        await connection.SendAsync(Accepted);
        await completed;
    }

    [Fact]
    public async Task StatusThatForbidsABody_GetsNone()
    {
        await _response.ConnectAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await _response.StartAsync(Prelude.ContentType, PreludeBytes, needsBody: false, Cancellation);
        await connection.ReadUntilAsync("\0\r\n");
        var completed = _response.CompleteAsync(Cancellation);
        Assert.Equal("0\r\n\r\n", await connection.ReadUntilAsync("0\r\n\r\n"));
        await connection.SendAsync(Accepted);
        await completed;
    }

    [Fact]
    public async Task DirectAnswer_HasNoPrelude()
    {
        await _response.ConnectAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await _response.StartAsync("text/plain", default, needsBody: true, Cancellation);
        Assert.EndsWith("Content-Type: text/plain\r\n\r\n", await connection.ReadUntilAsync("\r\n\r\n"));
        _response.Output.Write("Hi"u8);
        await _response.FlushAsync(Cancellation);
        Assert.Equal("2\r\nHi\r\n", await connection.ReadUntilAsync("Hi\r\n"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(500)]
    public async Task RefusedAtTheEnd_ThrowsWithTheStatus(int status)
    {
        using var connection = await StartAsync();
        var completed = _response.CompleteAsync(Cancellation);
        await connection.ReadUntilAsync("0\r\n\r\n");
        await connection.SendAsync($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(status, (await Assert.ThrowsAsync<RuntimeApiException>(async () => await completed)).Status);
    }

    [Fact]
    public async Task ConnectionThatLambdaCloses_EndsTheAnswerWithAnException()
    {
        using var connection = await StartAsync();
        connection.Reset();
        await Assert.ThrowsAsync<RuntimeApiException>(async () =>
        {
            // The first write after a reset may still be taken by the local kernel.
            while (true)
            {
                _response.Output.Write("text"u8);
                await _response.FlushAsync(Cancellation);
            }
        });
    }

    private async Task<ScriptedPeer.Connection> StartAsync()
    {
        await _response.ConnectAsync(Cancellation);
        var connection = await _peer.AcceptAsync();
        await _response.StartAsync(Prelude.ContentType, PreludeBytes, needsBody: true, Cancellation);
        await connection.ReadUntilAsync("\0\r\n");
        return connection;
    }
}
