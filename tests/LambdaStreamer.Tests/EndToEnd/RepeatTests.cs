using System.Net;
using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Requests that the function repeats on its client's behalf, and what the client is told about it.</summary>
public class RepeatTests
{
    private const string Request = """{"inputs":"x","stream":true}""";

    private static readonly byte[] Overloaded =
        Parts.Of(Encoding.UTF8.GetBytes("""data:{"error":"Model is overloaded","error_type":"overloaded"}""" + "\n\n"));

    [Fact]
    public async Task ModelThatIsOverloadedInsideItsStream_IsAskedAgain()
    {
        var asked = 0;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Interlocked.Increment(ref asked) < 3 ? Overloaded : Parts.OfToken(1, "Hello"));
            if (asked == 3)
            {
                await exchange.SendAsync(Parts.OfEnd());
            }

            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("Hello", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(["2; cause=Throttled"], response.Headers.GetValues("x-lambdastreamer-retries"));
        function.AssertLogs("retries=2 retry_cause=Throttled");
    }

    [Fact]
    public async Task FullTextThatWasAskedFor_DoesNotStandInTheWayOfARepeat()
    {
        var asked = 0;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(
                Interlocked.Increment(ref asked) == 1 ? Overloaded : [.. Parts.OfToken(1, "Hello"), .. Parts.OfEnd()]);
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","parameters":{"return_full_text":true}}""", "application/json");
        Assert.Equal(("""[{"generated_text":"xHello"}]""", false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Fact]
    public async Task RepeatBeforeAKeepAlive_IsToldInTheHeadThatTheKeepAliveStarts()
    {
        var asked = 0;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                await exchange.SendErrorAsync(500, "InternalFailure", """{"message":"x"}""");
            }
            else
            {
                // Until the function gives up, long after its first keep-alive.
                await Task.Delay(Timeout.Infinite, exchange.Stopped);
            }
        });
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url, ("KEEP_ALIVE_SECONDS", "1"), ("FIRST_TOKEN_TIMEOUT_SECONDS", "3"));
        using var response = await function.PostAsync(Request, "text/event-stream");
        Assert.Equal(["1; cause=InternalFailure; may-have-run"], response.Headers.GetValues("x-lambdastreamer-retries"));
    }

    [Fact]
    public async Task FailureThatMayHaveRunAfterAKeepAlive_IsNotRepeated()
    {
        using var heard = new SemaphoreSlim(0);
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await heard.WaitAsync(exchange.Stopped);
            await exchange.SendErrorAsync(500, "InternalFailure", """{"message":"x"}""");
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("KEEP_ALIVE_SECONDS", "1"));
        using var response = await function.PostAsync(Request, "text/event-stream");
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var ping = new byte[": ping\n".Length];
        await body.ReadExactlyAsync(ping, TestContext.Current.CancellationToken);
        Assert.Equal(": ping\n"u8, ping);
        heard.Release();
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(body);
        Assert.EndsWith("data: {\"error\":\"The endpoint failed.\",\"error_type\":\"endpoint\"}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(1, sageMaker.Requests);
    }

    [Fact]
    public async Task ModelThatStaysOverloaded_Gets429AndWhenToComeAgain()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Overloaded);
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Equal(
            ("""{"error":"Model is overloaded","error_type":"overloaded"}""", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(3, sageMaker.Requests);
    }

    [Fact]
    public async Task ModelThatIsOverloadedAfterATokenOfItsAnswer_IsNotAskedAgain()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync([.. Parts.OfToken(1, "Hello"), .. Overloaded]);
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(("Hello\n[error: Model is overloaded]\n", true), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(1, sageMaker.Requests);
    }

    [Fact]
    public async Task EndpointWithoutCapacity_LeavesTheAnswerToTheFallback()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            if (!exchange.Request.StartsWith("POST /endpoints/other/", StringComparison.Ordinal))
            {
                await exchange.SendErrorAsync(
                    400, "ValidationError", """{"message":"Inference Component has no capacity to process this request."}""");
                return;
            }

            await exchange.SendHeadAsync();
            await exchange.SendAsync([.. Parts.OfToken(1, "Hello"), .. Parts.OfEnd()]);
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("FALLBACK_ENDPOINT_NAME", "other"));
        using var response = await function.PostAsync(Request);
        Assert.Equal(("Hello", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(["1; cause=NoCapacity; fallback"], response.Headers.GetValues("x-lambdastreamer-retries"));
    }

    [Theory]
    [InlineData(400, "ValidationError", """{"message":"Inference Component has no capacity to process this request."}""", "", 503, 60)]
    [InlineData(400, "ThrottlingException", """{"message":null}""", "", 429, 1)]
    [InlineData(400, "", """{"message":null}""", "", 429, 1)]
    [InlineData(429, "ThrottlingException", """{"message":"Rate exceeded"}""", "Retry-After: 7\r\n", 429, 7)]
    [InlineData(429, "ModelNotReadyException", """{"Message":"not ready"}""", "", 503, 5)]
    [InlineData(424, "ModelError", """{"Message":"x","OriginalStatusCode":429,"OriginalMessage":"{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}"}""", "", 429, 1)]
    [InlineData(503, "ServiceUnavailable", """{"message":"x"}""", "", 503, 5)]
    public async Task ThrottlingInAllItsDisguises_Gets429Or503AndRetryAfter(
        int status, string errorType, string body, string headers, int expectedStatus, int retryAfterSeconds)
    {
        await using var sageMaker = new ScriptedSageMaker(exchange => exchange.SendErrorAsync(status, errorType, body, headers));
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(expectedStatus, (int)response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(retryAfterSeconds), response.Headers.RetryAfter!.Delta);
    }
}
