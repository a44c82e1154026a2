using System.Diagnostics;
using System.Net;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Everything that can break around the function, and what its caller and Lambda are told.</summary>
public class FaultTests
{
    private const string Request = """{"inputs":"hi","stream":true}""";

    [Theory]
    [InlineData(424, "ModelError", """{"Message":"Received client error (422) from primary","OriginalStatusCode":422,"OriginalMessage":"bad parameter","LogStreamArn":"arn:aws:logs:x"}""", 422, "bad parameter")]
    [InlineData(424, "ModelError", """{"Message":"Received server error (0)","OriginalStatusCode":0,"OriginalMessage":""}""", 504, "The model container did not answer in time.")]
    [InlineData(400, "", """{"message":null}""", 429, "The endpoint is throttled; try again.")]
    [InlineData(503, "ServiceUnavailable", """{"Message":"x"}""", 503, "The endpoint is unavailable; try again.")]
    [InlineData(429, "ModelNotReadyException", """{"Message":"x"}""", 503, "The model is not ready yet; try again.")]
    [InlineData(429, "ThrottlingException", """{"Message":"x"}""", 429, "The endpoint is throttled; try again.")]
    [InlineData(400, "ValidationError", """{"Message":"Endpoint endpoint of account 123456789012 not found."}""", 502, "The endpoint of this function does not exist.")]
    [InlineData(403, "AccessDeniedException", """{"Message":"User: arn:aws:sts::123456789012:x is not authorized"}""", 502, "This function may not call its endpoint.")]
    [InlineData(403, "InvalidSignatureException", """{"message":"The request signature we calculated does not match"}""", 502, "This function may not call its endpoint.")]
    public async Task EndpointThatRefuses_GetsARealStatus(int status, string errorType, string body, int expectedStatus, string expectedMessage)
    {
        await using var sageMaker = new ScriptedSageMaker(exchange => exchange.SendErrorAsync(status, errorType, body));
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(expectedStatus, (int)response.StatusCode);
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.StartsWith($"{{\"error\":\"{expectedMessage}\",", text);
        Assert.False(isCut);
        Assert.Empty(function.Lambda.Violations);
    }

    [Fact]
    public async Task EndpointThatRecovers_IsAskedAgainBeforeTheFirstToken()
    {
        var refusals = 2;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            if (refusals-- > 0)
            {
                await exchange.SendErrorAsync(503, "ServiceUnavailable", "{}");
                return;
            }

            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("01-tgi-1.1.0-generate.sse"));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        Assert.Equal((" Amazon SageMaker is a service.", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(3, sageMaker.Requests);
    }

    [Fact]
    public async Task EndpointsConnectionThatBreaksInMidStream_EndsTheAnswerAsBroken()
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            exchange.Reset();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        await AssertBrokenAsync(function, "text/plain", "Hello\n[error: The connection to the endpoint broke.]\n", "Function.ConnectionCut");
    }

    [Theory]
    [InlineData("text/plain", "Hello\n[error: The endpoint fell silent in the middle of its answer.]\n")]
    [InlineData("application/x-ndjson", "{\"text\":\"Hello\",\"id\":1,\"logprob\":-0.5,\"special\":false}\n{\"error\":\"The endpoint fell silent in the middle of its answer.\",\"error_type\":\"timeout\"}\n")]
    public async Task EndpointThatFallsSilent_EndsTheAnswerAsBroken(string accept, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            await Task.Delay(Timeout.Infinite, exchange.Stopped);
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("IDLE_TIMEOUT_SECONDS", "1"));
        await AssertBrokenAsync(function, accept, expected, "Function.IdleTimedOut");
    }

    [Fact]
    public async Task EndpointThatNeverAnswers_Gets504()
    {
        await using var sageMaker = new ScriptedSageMaker(static exchange => Task.Delay(Timeout.Infinite, exchange.Stopped));
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("FIRST_TOKEN_TIMEOUT_SECONDS", "1"));
        using var response = await function.PostAsync(Request);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Theory]
    [InlineData(false, 504, "{\"error\":\"The function's time ran out before the answer ended.\",\"error_type\":\"timeout\"}", false)]
    [InlineData(true, 200, "Hello\n[error: The function's time ran out before the answer ended.]\n", true)]
    public async Task DeadlineThatComes_IsToldBeforeLambdaEndsTheProcess(bool hasBegun, int status, string expected, bool expectedCut)
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            if (hasBegun)
            {
                await exchange.SendHeadAsync();
                await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            }

            await Task.Delay(Timeout.Infinite, exchange.Stopped);
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, TimeSpan.FromSeconds(2));
        using var response = await function.PostAsync(Request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal((expected, expectedCut), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Single(function.Lambda.ProcessIds);
    }

    [Fact]
    public async Task BufferedAnswerThatGrowsTooLarge_Gets502()
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 0; i < 100; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, new string('x', 100_000)));
            }
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request, "application/json");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("{\"error\":\"The answer is too large to be held; ask for a stream of plain text or NDJSON.\"", (await FunctionUnderTest.ReadToEndAsync(response)).Text);
    }

    [Fact]
    public async Task EndpointThatIsNotThere_Gets502()
    {
        string url;
        await using (var gone = new ScriptedSageMaker(static _ => Task.CompletedTask))
        {
            url = gone.Url;
        }

        await using var function = await FunctionUnderTest.StartAsync(url);
        using var response = await function.PostAsync(Request);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("{\"error\":\"The endpoint cannot be reached.\"", (await FunctionUnderTest.ReadToEndAsync(response)).Text);
    }

    [Fact]
    public async Task AnswerWithoutTheModelsEnd_IsBroken()
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        await AssertBrokenAsync(
            function, "text/plain", "Hello\n[error: The model's answer ended without its end marker: it may be cut.]\n", "Function.ModelEndMissing");
    }

    [Fact]
    public async Task ReusedConnectionThatDied_IsReplacedUnseen()
    {
        var isFirst = true;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("01-tgi-1.1.0-generate.sse"));
            await exchange.EndAsync();
            if (isFirst)
            {
                isFirst = false;
                exchange.Reset();
            }
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        for (var i = 0; i < 2; i++)
        {
            using var response = await function.PostAsync(Request);
            Assert.Equal((" Amazon SageMaker is a service.", false), await FunctionUnderTest.ReadToEndAsync(response));
        }
    }

    [Fact]
    public async Task FunctionKilledInMidStream_CutsTheAnswerAndIsReplaced()
    {
        using var isHeard = new SemaphoreSlim(0);
        var isFirst = true;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            if (isFirst)
            {
                isFirst = false;
                await Task.Delay(Timeout.Infinite, exchange.Stopped);
            }

            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using (var response = await function.PostAsync(Request))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            var hello = new byte[5];
            await body.ReadExactlyAsync(hello, TestContext.Current.CancellationToken);
            Assert.Equal("Hello"u8, hello);

            var killed = function.Lambda.ProcessIds.Single();
            using (var process = Process.GetProcessById(killed))
            {
                process.Kill();
            }

            await Assert.ThrowsAnyAsync<Exception>(async () => await body.ReadExactlyAsync(hello, TestContext.Current.CancellationToken));
        }

        using var next = await function.PostAsync(Request);
        Assert.Equal(("Hello", false), await FunctionUnderTest.ReadToEndAsync(next));
    }

    [Fact]
    public async Task FunctionToldToStop_EndsItsAnswerAsBrokenAndExits()
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            await Task.Delay(Timeout.Infinite, exchange.Stopped);
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(Request);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[5], TestContext.Current.CancellationToken);
        using var process = Process.GetProcessById(function.Lambda.ProcessIds.Single());
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var rest = new MemoryStream();
        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(rest, TestContext.Current.CancellationToken));
        Assert.Equal("\n[error: The function was told to stop.]\n"u8, rest.ToArray());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => function.Lambda.ExitCodes is [0], TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task TwinDisposedInMidStream_LeavesNoProcessBehind()
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            await Task.Delay(Timeout.Infinite, exchange.Stopped);
        });
        int[] processes;
        await using (var function = await FunctionUnderTest.StartAsync(sageMaker.Url))
        {
            using var response = await function.PostAsync(Request);
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[5], TestContext.Current.CancellationToken);
            processes = function.Lambda.ProcessIds;
            Assert.Single(processes);
        }

        Assert.All(processes, static process => Assert.False(Directory.Exists($"/proc/{process}")));
    }

    [Fact]
    public async Task WrongConfiguration_IsAnInitErrorThatNamesAllOfIt()
    {
        await using var function = await FunctionUnderTest.StartAsync("http://127.0.0.1:1/", ("SAGEMAKER_ENDPOINT_NAME", ""), ("IDLE_TIMEOUT_SECONDS", "soon"));
        using var response = await function.PostAsync(Request);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("SAGEMAKER_ENDPOINT_NAME is not set. IDLE_TIMEOUT_SECONDS must be a whole number", function.Log);
    }

    private static async Task AssertBrokenAsync(FunctionUnderTest function, string accept, string expected, string lambdaErrorType)
    {
        using var response = await function.PostAsync(Request, accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((expected, true), await FunctionUnderTest.ReadToEndAsync(response));
        var record = function.LastInvocation;
        Assert.Contains(record.Trailers, trailer => trailer.Name == "Lambda-Runtime-Function-Error-Type" && trailer.Value == lambdaErrorType);
        Assert.Equal(ResponseKind.Streamed, record.Response);
        Assert.Empty(function.Lambda.Violations);
    }
}
