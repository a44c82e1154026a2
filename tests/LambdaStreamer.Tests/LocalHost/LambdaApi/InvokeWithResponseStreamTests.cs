using System.Buffers;
using System.Text;
using LambdaStreamer.EventStream;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.LambdaApi;

public sealed class InvokeWithResponseStreamTests : IAsyncLifetime
{
    private TwinUnderTest _twin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { FunctionName = "fn" });

    public async ValueTask DisposeAsync() => await _twin.DisposeAsync();

    [Fact]
    public async Task EachPiece_IsAPayloadChunkInLockstep()
    {
        using var response = await CallAsync(async () =>
        {
            await _twin.Runtime.BeginStreamAsync();
            await _twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        });
        Assert.Equal("application/vnd.amazon.eventstream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("$LATEST", response.Headers.GetValues("X-Amz-Executed-Version").Single());
        var frames = new FrameReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(("PayloadChunk", ScriptedRuntime.Prelude), await frames.ReadAsync());
        foreach (var piece in new[] { "one", "two", "three" })
        {
            await _twin.Runtime.ChunkAsync(piece);
            Assert.Equal(("PayloadChunk", piece), await frames.ReadAsync());
        }

        await _twin.Runtime.EndStreamAsync();
        Assert.Equal(("InvokeComplete", "{}"), await frames.ReadAsync());
    }

    [Fact]
    public async Task FirstFrame_IsLiterallyWhatAwsSends()
    {
        using var response = await CallAsync(async () =>
        {
            await _twin.Runtime.BeginStreamAsync();
            await _twin.Runtime.ChunkAsync("Hi");
        });
        var frame = new byte[108];
        await (await response.Content.ReadAsStreamAsync(Token)).ReadExactlyAsync(frame, Token);

        // Total 108 and header 90 bytes, two payload bytes; CRCs are held against AWSSDK.Core in the encoder's tests.
        Assert.Equal([0, 0, 0, 108, 0, 0, 0, 90], frame[..8]);
        Assert.Equal(
            "\r:message-type\a\0\u0005event\v:event-type\a\0\fPayloadChunk\r:content-type\a\0\u0018application/octet-stream",
            Encoding.ASCII.GetString(frame[12..102]));
        Assert.Equal("Hi"u8, frame[102..104]);
        await _twin.Runtime.EndStreamAsync();
    }

    [Fact]
    public async Task ErrorTrailers_ArriveInInvokeComplete()
    {
        using var response = await CallAsync(async () =>
        {
            await _twin.Runtime.BeginStreamAsync();
            await _twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "half");
        });
        await _twin.Runtime.EndStreamAsync(
            "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n"
            + "Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJtIiwiZXJyb3JUeXBlIjoidCJ9\r\n");
        var frames = new FrameReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(("PayloadChunk", ScriptedRuntime.Prelude + "half"), await frames.ReadAsync());
        Assert.Equal(
            (
                "InvokeComplete",
                """{"ErrorCode":"Function.Bad","ErrorDetails":"{\"errorMessage\":\"m\",\"errorType\":\"t\"}"}"""
            ),
            await frames.ReadAsync());
    }

    [Fact]
    public async Task CutResponse_IsTruncatedResponseInInvokeComplete()
    {
        using var response = await CallAsync(async () =>
        {
            await _twin.Runtime.BeginStreamAsync();
            await _twin.Runtime.ChunkAsync("half");
        });
        _twin.Runtime.Finish();
        var frames = new FrameReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(("PayloadChunk", "half"), await frames.ReadAsync());
        var (type, payload) = await frames.ReadAsync();
        Assert.Equal("InvokeComplete", type);
        Assert.StartsWith("""{"ErrorCode":"Runtime.TruncatedResponse","ErrorDetails":""", payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorWithoutAResponse_IsStatus200AndInvokeComplete()
    {
        using var response = await CallAsync(() => _twin.Runtime.FailAsync(
            """{"errorMessage":"m","errorType":"t"}""", "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n"));
        var frames = new FrameReader(await response.Content.ReadAsStreamAsync(Token));
        var (type, payload) = await frames.ReadAsync();
        Assert.Equal("InvokeComplete", type);
        Assert.StartsWith("""{"ErrorCode":"Function.Bad",""", payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LogTypeTail_ArrivesInInvokeComplete()
    {
        using var response = await CallAsync(
            async () =>
            {
                await _twin.Runtime.BeginStreamAsync();
                await _twin.Runtime.ChunkAsync("x");
                await _twin.Runtime.EndStreamAsync();
                await _twin.Runtime.BeginNextAsync();
            },
            ("X-Amz-Log-Type", "Tail"));
        var frames = new FrameReader(await response.Content.ReadAsStreamAsync(Token));
        await frames.ReadAsync();
        var (_, payload) = await frames.ReadAsync();
        var encoded = payload["{\"LogResult\":\"".Length..^2];
        Assert.StartsWith("START RequestId: ", Encoding.UTF8.GetString(Convert.FromBase64String(encoded)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventCall_IsRefused()
    {
        using var request = Request(("X-Amz-Invocation-Type", "Event"));
        using var response = await _twin.Client.SendAsync(request, Token);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("InvalidParameterValueException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    private async Task<HttpResponseMessage> CallAsync(Func<Task> run, params (string Name, string Value)[] headers)
    {
        using var request = Request(headers);
        var call = _twin.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await _twin.Runtime.NextAsync();
        var running = run();
        var response = await call;
        await running;
        return response;
    }

    private HttpRequestMessage Request(params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_twin.Twin.LambdaApiUrl, "/2021-11-15/functions/fn/response-streaming-invocations"));
        request.Content = new StringContent("{}");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private sealed class FrameReader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _length;

        public async Task<(string EventType, string Payload)> ReadAsync()
        {
            while (true)
            {
                if (Take() is { } frame)
                {
                    return frame;
                }

                var count = await stream.ReadAsync(_buffer.AsMemory(_length), Token);
                Assert.True(count > 0, "the event stream ended");
                _length += count;
            }
        }

        private (string EventType, string Payload)? Take()
        {
            var decoder = new FrameDecoder();
            if (decoder.Read(_buffer.AsSpan(0, _length), out var frame, out var consumed) != OperationStatus.Done)
            {
                return null;
            }

            var result = (Encoding.UTF8.GetString(frame.EventType), Encoding.UTF8.GetString(frame.Payload));
            _buffer.AsSpan(consumed, _length - consumed).CopyTo(_buffer);
            _length -= consumed;
            return result;
        }
    }
}
