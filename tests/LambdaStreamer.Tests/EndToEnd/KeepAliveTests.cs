using System.Net;
using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>A model that is silent for long, on the formats that can say so and on those that cannot.</summary>
public class KeepAliveTests
{
    private const string Request = """{"inputs":"x","stream":true}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SilentModel_IsCoveredByCommentsOfOneLine(bool hasBegun)
    {
        using var heard = new SemaphoreSlim(0);
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            if (hasBegun)
            {
                await exchange.SendHeadAsync();
                await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            }

            await heard.WaitAsync(exchange.Stopped);
            if (!hasBegun)
            {
                await exchange.SendHeadAsync();
                await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            }

            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("KEEP_ALIVE_SECONDS", "1"));
        using var response = await function.PostAsync(Request, "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(body, Encoding.UTF8);
        var lines = new List<string>();
        var pings = 0;
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line == ": ping" && ++pings == 2)
            {
                heard.Release();
            }
        }

        const string Hello = """data: {"index":1,"token":{"id":1,"text":"Hello","logprob":-0.5,"special":false},"generated_text":null,"details":null}""";
        const string End = """data: {"index":2,"token":{"id":2,"text":"</s>","logprob":0,"special":true},"generated_text":"Hello","details":null}""";
        Assert.Equal(hasBegun ? [Hello, "", ": ping", ": ping", End, ""] : [": ping", ": ping", Hello, "", End, ""], lines);
        Assert.Empty(function.Lambda.Violations);
    }

    [Fact]
    public async Task FailureAfterAKeepAlive_IsAnEventUnderStatus200()
    {
        await using var sageMaker = new ScriptedSageMaker(static exchange => Task.Delay(Timeout.Infinite, exchange.Stopped));
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url, ("KEEP_ALIVE_SECONDS", "1"), ("FIRST_TOKEN_TIMEOUT_SECONDS", "2"));
        using var response = await function.PostAsync(Request, "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.True(isCut);
        Assert.StartsWith(": ping\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "data: {\"error\":\"The model did not begin to answer in time.\",\"error_type\":\"timeout\"}\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "1")]
    [InlineData("application/x-ndjson", "1")]
    [InlineData("text/event-stream", "0")]
    public async Task FormatWithoutComments_OrKeepAlivesSwitchedOff_KeepsTheRealStatus(string accept, string keepAliveSeconds)
    {
        await using var sageMaker = new ScriptedSageMaker(static exchange => Task.Delay(Timeout.Infinite, exchange.Stopped));
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url, ("KEEP_ALIVE_SECONDS", keepAliveSeconds), ("FIRST_TOKEN_TIMEOUT_SECONDS", "2"));
        using var response = await function.PostAsync(Request, accept);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(
            ("""{"error":"The model did not begin to answer in time.","error_type":"timeout"}""", false),
            await FunctionUnderTest.ReadToEndAsync(response));
    }
}
