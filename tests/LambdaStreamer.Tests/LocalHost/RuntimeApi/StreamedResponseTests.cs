using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>What is recorded of a streamed response, and which rules are watched.</summary>
public class StreamedResponseTests
{
    private const string ErrorType = "Lambda-Runtime-Function-Error-Type: Function.StreamFailed\r\n";

    private const string ErrorTrailers =
        ErrorType + "Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJtIiwiZXJyb3JUeXBlIjoidCJ9\r\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProperStream_IsRecordedWithoutViolations()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.StreamAsync("one", "three", "fifteen letters");
        Assert.Equal("HTTP/1.1 202 Accepted", answer.StatusLine);
        using var response = await call;
        Assert.Equal(("onethreefifteen letters", true), await TwinUnderTest.ReadBodyAsync(response));

        var record = twin.Record;
        Assert.Equal(ResponseKind.Streamed, record.Response);
        Assert.Equal("application/vnd.awslambda.http-integration-response", record.ContentType);
        Assert.Equal([66, 3, 5, 15], record.ChunkSizes);
        Assert.Equal(89, record.PayloadBytes);
        Assert.True(record.PreludeInOwnChunk);
        Assert.Equal(200, record.Prelude!.StatusCode);
        Assert.Equal(record.ReadSizes.Count, record.ReadCount);
        Assert.False(record.Outcome!.IsError);
        Assert.False(record.CallerDisconnected);
        Assert.Empty(record.Trailers);
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task SocketWrites_AreCountedAtTheSocket()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TCP_INFO is Linux's");
        await using var twin = await TwinUnderTest.StartAsync();
        for (var run = 0; run < 3; run++)
        {
            var call = await twin.CallAsync();
            await twin.Runtime.BeginStreamAsync();
            await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
            using var response = await call;
            var body = await response.Content.ReadAsStreamAsync(Token);
            var buffer = new byte[100];
            for (var piece = 0; piece < 5; piece++)
            {
                await twin.Runtime.ChunkAsync("token");
                await body.ReadExactlyAsync(buffer.AsMemory(0, 5), Token);
            }

            await twin.Runtime.EndStreamAsync();
            Assert.Equal(0, await body.ReadAsync(buffer, Token));
        }

        // Request head, prelude, five chunks, terminator; more only where something was sent again.
        Assert.Equal(8, twin.Twin.Invocations.Min(record => record.DataSegments));
    }

    [Fact]
    public async Task PreludeAndBodyInOneChunk_IsRecorded()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "body");
        await twin.Runtime.EndStreamAsync();
        (await call).Dispose();
        Assert.False(twin.Record.PreludeInOwnChunk);
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task PreludeInOneByteChunksAndWrites_IsReadAllTheSame()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        foreach (var letter in ScriptedRuntime.Prelude + "body")
        {
            foreach (var wire in ScriptedRuntime.Chunk(letter.ToString()))
            {
                await twin.Runtime.SendAsync(wire.ToString());
            }
        }

        await twin.Runtime.EndStreamAsync();
        using var response = await call;
        Assert.Equal(("body", true), await TwinUnderTest.ReadBodyAsync(response));
        Assert.Equal(70, twin.Record.ChunkCount);
        Assert.Equal(200, twin.Record.Prelude!.StatusCode);
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task WholeExchange_IsReadAtEveryCut()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var body = ScriptedRuntime.Chunk(ScriptedRuntime.Prelude) + ScriptedRuntime.Chunk("Hello") + "0\r\n\r\n";
        for (var cut = 1; cut < body.Length; cut++)
        {
            var call = await twin.CallAsync();
            await twin.Runtime.BeginStreamAsync();
            await twin.Runtime.SendAsync(body[..cut]);
            await twin.Runtime.SendAsync(body[cut..]);
            Assert.Equal("HTTP/1.1 202 Accepted", (await twin.Runtime.ReceiveAsync()).StatusLine);
            using var response = await call;
            Assert.Equal(("Hello", true), await TwinUnderTest.ReadBodyAsync(response));
            Assert.Equal([66, 5], twin.Record.ChunkSizes);
        }

        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task ErrorTrailers_AreRecordedAndDecoded()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        await twin.Runtime.ChunkAsync("half");
        var answer = await twin.Runtime.EndStreamAsync(ErrorTrailers);
        Assert.Equal("HTTP/1.1 202 Accepted", answer.StatusLine);
        using var response = await call;
        Assert.Equal(("half", false), await TwinUnderTest.ReadBodyAsync(response));

        Assert.Equal("Function.StreamFailed", twin.Record.Outcome!.ErrorType);
        Assert.Equal("""{"errorMessage":"m","errorType":"t"}""", Encoding.UTF8.GetString(twin.Record.Outcome.ErrorBody.Span));
        Assert.Equal(
            ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"], twin.Record.Trailers.Select(each => each.Name));
        Assert.Empty(twin.Twin.Violations);
    }

    [Theory]
    [InlineData("Lambda-Runtime-Function-Error-Type: streamFailed\r\n", ViolationKind.InvalidErrorType)]
    [InlineData(ErrorType + "Lambda-Runtime-Function-Error-Body: {}\r\n", ViolationKind.InvalidErrorBody)]
    [InlineData(ErrorType + "Lambda-Runtime-Function-Error-Body: e30=\r\n", ViolationKind.InvalidErrorBody)]
    [InlineData("X-Other: 1\r\n", ViolationKind.UnannouncedTrailer)]
    public async Task TrailersAgainstTheRules_AreRecorded(string trailers, ViolationKind expected)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "x");
        await twin.Runtime.EndStreamAsync(trailers);
        (await call).Dispose();
        Assert.Contains(expected, twin.ViolationKinds);
    }

    [Fact]
    public async Task UnannouncedErrorTrailers_AreIgnoredAndRecorded()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var trailer = ScriptedRuntime.StreamHead.IndexOf("Trailer:", StringComparison.Ordinal);
        await twin.Runtime.BeginStreamAsync(ScriptedRuntime.StreamHead[..trailer]);
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude + "x");
        await twin.Runtime.EndStreamAsync(ErrorTrailers);
        using var response = await call;
        Assert.Equal(("x", true), await TwinUnderTest.ReadBodyAsync(response));
        Assert.Equal(
            [
                ViolationKind.TrailerNotAnnounced,
                ViolationKind.TrailerNotAnnounced,
                ViolationKind.UnannouncedTrailer,
                ViolationKind.UnannouncedTrailer,
            ],
            twin.ViolationKinds);
    }

    [Fact]
    public async Task PlainLengthAndNoType_AreRecordedAndTolerated()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.RespondAsync(
            "plain",
            "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n");
        Assert.Equal("HTTP/1.1 202 Accepted", answer.StatusLine);
        using var response = await call;
        Assert.Equal(("plain", true), await TwinUnderTest.ReadBodyAsync(response));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal([ViolationKind.NotChunked, ViolationKind.MissingContentType], twin.ViolationKinds);
    }

    [Theory]
    [InlineData("{\"statusCode\":\"200\"}\0\0\0\0\0\0\0\0x", ViolationKind.MalformedPrelude)]
    [InlineData("no prelude at all", ViolationKind.MalformedPrelude)]
    [InlineData("{}\0\0\0\0\0\0\0\0\0x", ViolationKind.ExtraNul)]
    [InlineData("{\"extra\":1}\0\0\0\0\0\0\0\0x", ViolationKind.UnknownPreludeKey)]
    [InlineData("{\"headers\":{\"content-length\":\"1\"}}\0\0\0\0\0\0\0\0x", ViolationKind.ForbiddenPreludeHeader)]
    [InlineData("{}\0\0\0\0\0\0\0\0", ViolationKind.EmptyBody)]
    public async Task PayloadAgainstTheRules_IsRecorded(string payload, ViolationKind expected)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(payload);
        Assert.Equal("HTTP/1.1 202 Accepted", (await twin.Runtime.EndStreamAsync()).StatusLine);
        (await call).Dispose();
        Assert.Equal([expected], twin.ViolationKinds);
    }

    [Fact]
    public async Task EmptyBodyOfStatus204_IsNoViolation()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync("{\"statusCode\":204}\0\0\0\0\0\0\0\0");
        await twin.Runtime.EndStreamAsync();
        using var response = await call;
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task StreamOver200Mebibytes_IsCutAndAnswered413()
    {
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { LimitBandwidth = false });
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync("{}\0\0\0\0\0\0\0\0");
        using var response = await call;
        var reading = CountAsync(response);
        var piece = ScriptedRuntime.Chunk(new string('x', 1024 * 1024));
        for (var mebibyte = 0; mebibyte < 199; mebibyte++)
        {
            await twin.Runtime.SendAsync(piece);
        }

        // With the prelude's ten bytes this is the limit; the next byte is one too many.
        await twin.Runtime.ChunkAsync(new string('x', (1024 * 1024) - 10));
        await twin.Runtime.ChunkAsync("!");
        Assert.Equal("HTTP/1.1 413 Request Entity Too Large", (await twin.Runtime.ReceiveAsync()).StatusLine);
        Assert.Equal(((200L * 1024 * 1024) - 10, false), await reading);
        Assert.Equal("Function.ResponseSizeTooLarge", twin.Record.Outcome!.ErrorType);
    }

    private static async Task<(long Bytes, bool IsWhole)> CountAsync(HttpResponseMessage response)
    {
        var total = 0L;
        var buffer = new byte[256 * 1024];
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(Token);
            while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
            {
                total += count;
            }

            return (total, true);
        }
        catch (HttpIOException)
        {
            return (total, false);
        }
    }
}
