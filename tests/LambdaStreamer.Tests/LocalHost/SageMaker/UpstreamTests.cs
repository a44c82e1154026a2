using System.Text;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class UpstreamTests
{
    private const string Inputs = """{"inputs":"Hi","stream":true}""";

    [Theory]
    [InlineData(Inputs, "", "/generate_stream")]
    [InlineData("""{"inputs":"Hi"}""", "", "/generate")]
    [InlineData("""{"inputs":"Hi","stream":false}""", "", "/generate")]
    [InlineData("""{"messages":[],"stream":true}""", "", "/v1/chat/completions")]
    [InlineData("""{"prompt":"Hi","stream":true}""", "", "/v1/completions")]
    [InlineData("no JSON", "", "/invocations")]
    [InlineData(Inputs, "invocations", "/invocations")]
    public async Task Path_IsTheGivenOneOrFitsTheBody(string body, string givenPath, string path)
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(new Uri(upstream.Url, givenPath));
        await using var connection = await TwinCall.Json(body).OpenAsync(twin);
        Assert.Equal(($"POST {path} HTTP/1.1", body), await upstream.ReceiveAsync());
    }

    [Fact]
    public async Task EachRead_IsAPartBeforeTheNextComes()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using var connection = await TwinCall.Json(Inputs).OpenAsync(twin);
        await upstream.ReceiveAsync();
        await upstream.WriteAsync(FakeUpstream.ChunkedHead);
        var response = await connection.ReadHeadAsync();
        Assert.Equal("text/event-stream", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        foreach (var part in (string[])["data: 1\n\n", "data: 2", "\n\n"])
        {
            await upstream.WriteChunkAsync(part);
            response.Chunks.Add((await connection.ReadChunkAsync())!);
            Assert.Equal(part, Encoding.UTF8.GetString(response.Frames[^1].Payload));
        }

        await upstream.WriteAsync("0\r\n\r\n");
        Assert.Null(await connection.ReadChunkAsync());
    }

    [Fact]
    public async Task UpstreamThatHangsUp_IsAModelStreamError()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using var connection = await TwinCall.Json(Inputs).OpenAsync(twin);
        await upstream.ReceiveAsync();
        await upstream.WriteAsync(FakeUpstream.ChunkedHead);
        await upstream.WriteChunkAsync("data: 1\n\n");
        var response = await connection.ReadHeadAsync();
        response.Chunks.Add((await connection.ReadChunkAsync())!);
        upstream.HangUp();
        response.Chunks.Add((await connection.ReadChunkAsync())!);
        Assert.Null(await connection.ReadChunkAsync());
        Assert.Contains("ModelStreamError", response.Frames[1].Headers, StringComparison.Ordinal);
        Assert.EndsWith("\"ErrorCode\":\"StreamBroken\"}", Encoding.UTF8.GetString(response.Frames[1].Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatGoes_ClosesTheUpstream()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using (var connection = await TwinCall.Json(Inputs).OpenAsync(twin))
        {
            await upstream.ReceiveAsync();
            await upstream.WriteAsync(FakeUpstream.ChunkedHead);
            await upstream.WriteChunkAsync("data: 1\n\n");
            await connection.ReadHeadAsync();
            await connection.ReadChunkAsync();
        }

        await upstream.ClosedAsync();
        Assert.Equal(InvocationEnd.ClientGone, await twin.Requests[0].End.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task UpstreamsError_IsAModelErrorWithItsStatus()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using var connection = await TwinCall.Json(Inputs).OpenAsync(twin);
        await upstream.ReceiveAsync();
        await upstream.WriteAsync("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 31\r\n\r\n{\"error\":\"Model is overloaded\"}\n");
        var response = await connection.ReadToEndAsync();
        Assert.Equal(424, response.Status);
        Assert.Equal("ModelError", response.Headers["x-amzn-errortype"]);
        Assert.Equal(429, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.Equal("""{"error":"Model is overloaded"}""", response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Fact]
    public async Task UpstreamThatIsNotThere_IsAModelErrorWithoutStatus()
    {
        await using var twin = await StartAsync(new Uri("http://127.0.0.1:1/"));
        var response = await TwinCall.Json(Inputs).SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal(0, response.Json.GetProperty("OriginalStatusCode").GetInt32());
    }

    [Fact]
    public async Task BufferedOperation_SendsTheUpstreamsAnswerOn()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using var connection = await (TwinCall.Json("""{"messages":[]}""") with { Streams = false }).OpenAsync(twin);
        await upstream.ReceiveAsync();
        await upstream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        var response = await connection.ReadToEndAsync();
        Assert.Equal(("application/json", "{}"), (response.Headers["Content-Type"], response.Text));
    }

    [Fact]
    public async Task UpstreamThatHangsUpDuringABufferedAnswer_IsAModelError()
    {
        using var upstream = new FakeUpstream();
        await using var twin = await StartAsync(upstream.Url);
        await using var connection = await (TwinCall.Json("""{"messages":[]}""") with { Streams = false }).OpenAsync(twin);
        await upstream.ReceiveAsync();
        await upstream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}");
        upstream.HangUp();
        var response = await connection.ReadToEndAsync();
        Assert.Equal(424, response.Status);
        Assert.Equal(0, response.Json.GetProperty("OriginalStatusCode").GetInt32());
    }

    private static Task<SageMakerTwin> StartAsync(Uri upstream) =>
        TwinCall.StartTwinAsync(options => options with { Upstream = upstream });
}
