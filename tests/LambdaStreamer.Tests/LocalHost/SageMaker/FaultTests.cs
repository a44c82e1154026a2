using System.Text;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class FaultTests
{
    private static TwinCall Call { get; } = TwinCall.Json(
        """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":8},"stream":true}""");

    [Theory]
    [InlineData("throttle", 400, null, """{"message":null}""")]
    [InlineData("throttle-named", 400, "ThrottlingException", """{"message":"Rate exceeded"}""")]
    [InlineData("not-ready", 429, "ModelNotReadyException", """{"Message":"The model is not ready yet. Try again later."}""")]
    [InlineData("internal-failure", 500, "InternalFailure", """{"Message":"An internal failure occurred."}""")]
    [InlineData("unavailable", 503, "ServiceUnavailable", """{"Message":"The service is currently unavailable."}""")]
    [InlineData("dependency-failure", 530, "InternalDependencyException", """{"Message":"A dependency of the service failed."}""")]
    public async Task StatusFault_AnswersWithIt(string fault, int status, string? errorType, string body)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = fault }).SendAsync(twin);
        Assert.Equal(status, response.Status);
        Assert.Equal(errorType, response.Headers.GetValueOrDefault("x-amzn-errortype"));
        Assert.Equal(body, response.Text);
        Assert.Equal(InvocationEnd.Refused, await twin.Requests[0].End);
    }

    [Fact]
    public async Task NoCapacity_IsAValidationErrorThatSaysSo()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = "no-capacity" }).SendAsync(twin);
        Assert.Equal(400, response.Status);
        Assert.Equal("ValidationError", response.Headers["x-amzn-errortype"]);
        Assert.StartsWith(
            "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress",
            response.Json.GetProperty("Message").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccessDenied_NamesTheAction()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = "access-denied" }).SendAsync(twin);
        Assert.Equal(403, response.Status);
        Assert.Equal("AccessDeniedException", response.Headers["x-amzn-errortype"]);
        Assert.Contains("sagemaker:InvokeEndpoint", response.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model-error=429", 429, "Received client error (429) from primary with message ")]
    [InlineData("model-error", 500, "Received server error (500) from primary with message ")]
    [InlineData("model-error=0", 0, "Received server error (0) from primary with message \"Your invocation timed out while waiting ")]
    public async Task ModelError_CarriesTheContainersStatus(string fault, int status, string message)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = fault }).SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal("ModelError", response.Headers["x-amzn-errortype"]);
        Assert.Equal(status, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.StartsWith(message, response.Json.GetProperty("Message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_LetsTheNextRequestSucceed()
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { DefaultFault = Fault.Parse("unavailable,times=2") });
        var statuses = new List<int>();
        for (var request = 0; request < 4; request++)
        {
            statuses.Add((await Call.SendAsync(twin)).Status);
        }

        Assert.Equal([503, 503, 200, 200], statuses);
    }

    [Fact]
    public async Task RequestsOwnFault_ComesBeforeTheTwins()
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { DefaultFault = Fault.Parse("unavailable") });
        Assert.Equal(429, (await (Call with { Fault = "not-ready" }).SendAsync(twin)).Status);
    }

    [Fact]
    public async Task ManyRequests_LeaveTheLatestThousandOnRecord()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        for (var request = 0; request <= 1000; request++)
        {
            await (TwinCall.Json($"{request}") with { Fault = "unavailable" }).SendAsync(twin);
        }

        Assert.Equal(1000, twin.Requests.Count);
        Assert.Equal("1", Encoding.UTF8.GetString(twin.Requests[0].Body.Span));
        Assert.Equal("1000", Encoding.UTF8.GetString(twin.Requests[^1].Body.Span));
    }

    [Fact]
    public async Task UnknownFault_IsAValidationError()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = "thottle" }).SendAsync(twin);
        Assert.Equal(400, response.Status);
        Assert.StartsWith("'thottle' is no fault.", response.Json.GetProperty("Message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task PartsOfASize_HoldThatManyBytes(int size)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var whole = await Call.SendAsync(twin);
        var cut = await (Call with { Fault = $"parts={size}" }).SendAsync(twin);
        Assert.Equal(whole.PayloadText, cut.PayloadText);
        Assert.All(cut.Frames.SkipLast(1), frame => Assert.Equal(size, frame.Payload.Length));
        Assert.InRange(cut.Frames[^1].Payload.Length, 1, size);
    }

    [Fact]
    public async Task PartOffsets_EndPartsThere()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var whole = await Call.SendAsync(twin);
        var cut = await (Call with { Fault = "parts-at=1+3+300" }).SendAsync(twin);
        Assert.Equal(whole.PayloadText, cut.PayloadText);
        Assert.Equal([1, 2, 297], cut.Frames.Take(3).Select(frame => frame.Payload.Length));
    }

    [Fact]
    public async Task EveryPartOffset_LeavesTheBodyAsItIs()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"ユーザー: ウェブサイト？","parameters":{"max_new_tokens":2},"stream":true}""");
        var whole = (await call.SendAsync(twin)).Payload;
        for (var offset = 1; offset < whole.Length; offset++)
        {
            var cut = await (call with { Fault = $"parts-at={offset}" }).SendAsync(twin);
            Assert.Equal(offset, cut.Frames[0].Payload.Length);
            Assert.Equal(whole, cut.Payload);
        }
    }

    [Fact]
    public async Task Writes_CutFramesIntoHttpChunks()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var whole = await Call.SendAsync(twin);
        var cut = await (Call with { Fault = "writes=5" }).SendAsync(twin);
        Assert.Equal(whole.Body, cut.Body);
        var expected = whole.Chunks.SelectMany(frame => frame.Chunk(5)).Select(write => write.Length);
        Assert.Equal(expected, cut.Chunks.Select(chunk => chunk.Length));
    }

    [Fact]
    public async Task ModelStreamError_ComesAfterItsTokens()
    {
        var response = await StreamAsync("model-stream-error=StreamBroken@3", InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(4, response.Frames.Count);
        Assert.Equal(3, response.Events.Count);
        Assert.Contains(
            "\u0009exception\u000f:exception-type\u0007\0\u0010ModelStreamError", response.Frames[3].Headers, StringComparison.Ordinal);
        Assert.Equal(
            """{"Message":"The stream from the model container broke.","ErrorCode":"StreamBroken"}""",
            Encoding.UTF8.GetString(response.Frames[3].Payload));
    }

    [Fact]
    public async Task ModelStreamErrorByDefault_IsTheTimeLimit()
    {
        var response = await StreamAsync("model-stream-error", InvocationEnd.Broken);
        var transcript = await File.ReadAllBytesAsync(
            "transcripts/21-parts-then-model-stream-error.eventstream", TestContext.Current.CancellationToken);
        Assert.Equal(transcript[^response.Body.Length..], response.Body);
    }

    [Fact]
    public async Task InternalStreamFailure_IsTheTranscriptsFrame()
    {
        var response = await StreamAsync("internal-stream-failure", InvocationEnd.Broken);
        var transcript = await File.ReadAllBytesAsync(
            "transcripts/22-internal-stream-failure.eventstream", TestContext.Current.CancellationToken);
        Assert.Equal(transcript[219..], response.Body);
    }

    [Fact]
    public async Task ErrorFrame_IsTheTranscriptsFrame()
    {
        var response = await StreamAsync("error-frame", InvocationEnd.Broken);
        var transcript = await File.ReadAllBytesAsync("transcripts/23-unmodeled-error.eventstream", TestContext.Current.CancellationToken);
        Assert.Equal(transcript, response.Body);
    }

    [Theory]
    [InlineData("tgi-error@2", "Request failed during generation: Server error: CUDA out of memory", "generation")]
    [InlineData("tgi-error=overloaded@2", "Model is overloaded", "overloaded")]
    public async Task TgiError_IsTheLastEvent(string fault, string message, string type)
    {
        var response = await StreamAsync(fault, InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(3, response.Events.Count);
        Assert.EndsWith(
            $$"""data: {"error":"{{message}}","error_type":"{{type}}"}""" + "\n\n", response.PayloadText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncate_EndsInsideAFrameAndTheHttpBodyProperly()
    {
        var response = await StreamAsync("truncate@3", InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(3, response.Frames.Count);
        var rest = response.Body.Length - response.Frames.Sum(frame => 16 + frame.Headers.Length + frame.Payload.Length);
        Assert.InRange(rest, 17, 200);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task TruncateOfCutParts_SendsNothingAfterTheHalfFrame(int size)
    {
        var whole = await StreamAsync("end@3", InvocationEnd.Broken);
        var response = await StreamAsync($"parts={size},truncate@3", InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(whole.PayloadText, response.PayloadText);
        var rest = response.Body.Length - response.Frames.Sum(frame => 16 + frame.Headers.Length + frame.Payload.Length);
        Assert.InRange(rest, 17, 200);
    }

    [Fact]
    public async Task TruncateAfterTheLastToken_EndsInsideAnEmptyPart()
    {
        var response = await StreamAsync("truncate@8", InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(8, response.Events.Count);
        var rest = response.Body.Length - response.Frames.Sum(frame => 16 + frame.Headers.Length + frame.Payload.Length);
        Assert.Equal((16 + response.Frames[0].Headers.Length) / 2, rest);
    }

    [Fact]
    public async Task BadCrcAfterTheLastToken_SpoilsAnEmptyPart()
    {
        var response = await StreamAsync("bad-crc@8", InvocationEnd.Answered);
        Assert.True(response.IsComplete);
        Assert.Equal(9, response.Chunks.Count);
        Assert.Equal(16 + response.Frames[0].Headers.Length, response.Chunks[8].Length);
    }

    [Fact]
    public async Task Reset_LosesTheConnectionAfterItsTokens()
    {
        var response = await StreamAsync("reset@3", InvocationEnd.Broken);
        Assert.Equal(200, response.Status);
        Assert.False(response.IsComplete);
        Assert.Equal(3, response.Frames.Count);
    }

    [Fact]
    public async Task Drop_LosesTheConnectionBeforeAByte()
    {
        var response = await StreamAsync("drop", InvocationEnd.Broken);
        Assert.Equal(0, response.Status);
        Assert.False(response.IsComplete);
    }

    [Fact]
    public async Task End_LeavesOutTheModelsEnd()
    {
        var response = await StreamAsync("end@3", InvocationEnd.Broken);
        Assert.True(response.IsComplete);
        Assert.Equal(3, response.Events.Count);
        Assert.All(response.Events, token => Assert.Equal("null", token.GetProperty("generated_text").GetRawText()));
    }

    [Fact]
    public async Task BadCrc_SpoilsOneFrame()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var whole = await Call.SendAsync(twin);
        var spoilt = await (Call with { Fault = "bad-crc@3" }).SendAsync(twin);
        Assert.Equal(whole.Chunks.Count, spoilt.Chunks.Count);
        for (var frame = 0; frame < whole.Chunks.Count; frame++)
        {
            Assert.Equal(whole.Chunks[frame][..^4], spoilt.Chunks[frame][..^4]);
            Assert.Equal(frame != 3, whole.Chunks[frame].AsSpan(^4..).SequenceEqual(spoilt.Chunks[frame].AsSpan(^4..)));
        }
    }

    [Fact]
    public async Task StallForEver_LastsUntilTheClientGoes()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        await using (var connection = await (Call with { Fault = "stall@2" }).OpenAsync(twin))
        {
            await connection.ReadHeadAsync();
            Assert.NotNull(await connection.ReadChunkAsync());
            Assert.NotNull(await connection.ReadChunkAsync());
        }

        Assert.Equal(InvocationEnd.ClientGone, await twin.Requests[0].End.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, twin.Requests[0].TokensSent);
    }

    [Fact]
    public async Task StallForATime_GoesOnAfterIt()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(options => options with { TimeProvider = clock });
        await using var connection = await (Call with { Fault = "stall=5s@2" }).OpenAsync(twin);
        await clock.TimerSetAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(2, twin.Requests[0].TokensSent);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(8, (await connection.ReadToEndAsync()).Events.Count);
    }

    [Fact]
    public async Task StallBeforeHeaders_SendsNothingUntilThen()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(options => options with { TimeProvider = clock });
        await using var connection = await (Call with { Fault = "stall-headers=1m" }).OpenAsync(twin);
        await clock.TimerSetAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(connection.HasData);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(8, (await connection.ReadToEndAsync()).Events.Count);
    }

    private static async Task<WireResponse> StreamAsync(string fault, InvocationEnd end)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (Call with { Fault = fault }).SendAsync(twin);
        Assert.Equal(end, await twin.Requests[0].End.WaitAsync(TestContext.Current.CancellationToken));
        return response;
    }
}
