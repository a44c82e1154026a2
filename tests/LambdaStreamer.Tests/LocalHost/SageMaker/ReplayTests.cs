namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class ReplayTests
{
    private static TwinCall Call { get; } = TwinCall.Json("""{"inputs":"Hi","stream":true}""") with { Endpoint = "any" };

    [Theory]
    [InlineData("01-tgi-1.1.0-generate.sse", "text/event-stream", 8)]
    [InlineData("03-tgi-2.4.0-generate-keepalive-stop.sse", "text/event-stream", 9)]
    [InlineData("13-crlf.sse", "text/event-stream", 8)]
    [InlineData("09-lmi-rolling-batch.jsonlines", "application/jsonlines", 4)]
    public async Task ContainerBody_ComesEventByEvent(string file, string contentType, int parts)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ReplayFile = $"transcripts/{file}" });
        var response = await Call.SendAsync(twin);
        Assert.Equal(200, response.Status);
        Assert.Equal(contentType, response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.Equal(parts, response.Frames.Count);
        Assert.Equal(await File.ReadAllBytesAsync($"transcripts/{file}", TestContext.Current.CancellationToken), response.Payload);
    }

    [Theory]
    [InlineData("20-parts-split-utf8.eventstream")]
    [InlineData("24-truncated.eventstream")]
    [InlineData("25-bad-crc.eventstream")]
    public async Task Frames_AreSentAsTheyAre(string file)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ReplayFile = $"transcripts/{file}" });
        var response = await Call.SendAsync(twin);
        Assert.Equal("application/vnd.amazon.eventstream", response.Headers["Content-Type"]);
        Assert.Equal(await File.ReadAllBytesAsync($"transcripts/{file}", TestContext.Current.CancellationToken), response.Body);
    }

    [Fact]
    public async Task ReplayWithAFault_IsCutAndBroken()
    {
        await using var twin = await TwinCall.StartTwinAsync(
            options => options with { ReplayFile = "transcripts/01-tgi-1.1.0-generate.sse" });
        var response = await (Call with { Fault = "parts=10,internal-stream-failure@2" }).SendAsync(twin);
        Assert.Equal("""{"Message":"The stream processing failed."}""", System.Text.Encoding.UTF8.GetString(response.Frames[^1].Payload));
        Assert.Equal(2, response.Events.Count);
        Assert.All(response.Frames.SkipLast(2), frame => Assert.Equal(10, frame.Payload.Length));
    }

    [Fact]
    public async Task UnknownExtension_KeepsTheTwinFromStarting()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => TwinCall.StartTwinAsync(options => options with { ReplayFile = "transcripts/manifest.json" }));
        Assert.StartsWith(
            "Cannot replay 'transcripts/manifest.json': '.json' is none of .sse, .jsonlines and .eventstream.",
            refused.Message,
            StringComparison.Ordinal);
    }
}
