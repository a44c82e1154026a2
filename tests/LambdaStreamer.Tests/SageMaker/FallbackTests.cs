using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class FallbackTests
{
    private static readonly EndpointRequest Request = Caller.Request with
    {
        InferenceComponentName = "first-component",
        TargetVariant = "blue",
        SessionId = "s-1",
        FallbackEndpointName = "second-endpoint",
        FallbackInferenceComponentName = "second-component",
    };

    /// <summary>Scaled to zero; minutes away, so no request is repeated for it.</summary>
    private static readonly string NoCapacity = Reply(
        400, "ValidationError", "{\"Message\":\"Inference Component has no capacity to process this request.\"}");

    [Fact]
    public async Task NoCapacity_GoesToTheFallbackAtOnce()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Request);
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(NoCapacity);

        // The clock stands still: a pause would wait forever.
        var second = await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal("hello", await Caller.ReadToEndAsync(response));
        Assert.Equal(new Repeats { Count = 1, Cause = SageMakerFailureKind.NoCapacity, UsedFallback = true }, call.Repeats);

        Assert.StartsWith("POST /endpoints/second-endpoint/invocations-response-stream HTTP/1.1\r\n", second, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"inputs\":\"hi\"}", second, StringComparison.Ordinal);
        var headers = EndpointRequestTests.Headers(second);
        Assert.Equal("second-component", headers["x-amzn-sagemaker-inference-component"]);
        Assert.Equal("attempt=1; max=1", headers["amz-sdk-request"]);
        Assert.DoesNotContain("x-amzn-sagemaker-target-variant", headers.Keys);
        Assert.DoesNotContain("x-amzn-sagemaker-session-id", headers.Keys);
    }

    [Theory]
    [InlineData(400, "ThrottlingException", "{\"message\":null}", false)]
    [InlineData(429, "ModelNotReadyException", "{}", false)]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":429}", false)]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":503}", false)]
    [InlineData(500, "InternalFailure", "{}", true)]
    [InlineData(503, "ServiceUnavailable", "{}", false)]
    public async Task RefusalThatMayPass_GoesToTheFallbackAfterItsRequests(int status, string name, string body, bool mayHaveRun)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { MaxAttempts = 2 });
        var call = caller.Begin(Request);
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Reply(status, name, body));
        await caller.PauseAsync(1);
        Assert.Contains("/endpoints/my-endpoint/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Reply(status, name, body));
        Assert.Contains("/endpoints/second-endpoint/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
        Assert.Equal((2, true, mayHaveRun), (call.Repeats.Count, call.Repeats.UsedFallback, call.Repeats.MayHaveRun));
        Assert.Equal(2, response.Retries);
    }

    [Theory]
    [InlineData(400, "ValidationError", "{\"Message\":\"1 validation error detected\"}")]
    [InlineData(403, "AccessDeniedException", "{}")]
    [InlineData(413, "x", "{}")]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":0}")]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":422}")]
    [InlineData(424, "ModelError", "{\"OriginalStatusCode\":500}")]
    [InlineData(504, "x", "{}")]
    public async Task OtherFailures_AreReported(int status, string name, string body)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Request);
        var failing = Caller.FailureAsync(call);
        await server.AnswerAsync(Reply(status, name, body));
        var failure = await failing;
        Assert.Equal((status, 0, null), (failure.HttpStatus, failure.Retries, failure.FallbackKind));
        Assert.False(call.Repeats.UsedFallback);
    }

    [Fact]
    public async Task FallbackThatFailsToo_LeavesTheFirstFailure()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Request);
        var failing = Caller.FailureAsync(call);
        var connection = await server.AnswerAsync(NoCapacity);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Reply(503, "ServiceUnavailable", "{\"Message\":\"busy\"}"));
        var failure = await failing;
        Assert.Equal((SageMakerFailureKind.NoCapacity, 1), (failure.Kind, failure.Retries));
        Assert.Equal(
            "SageMaker call failed: NoCapacity at Response, HTTP 400, ValidationError; the fallback: ServiceUnavailable",
            failure.ToString());
        Assert.Equal(0, server.Waiting);
    }

    [Theory]
    [InlineData(1, 120_000)]
    [InlineData(3, 20)]
    public async Task StreamThatRefusesAfterTheLastRepeat_GoesToTheFallbackAtOnce(int maxAttempts, int firstTokenMilliseconds)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with
        {
            MaxAttempts = maxAttempts,
            FirstTokenTimeout = TimeSpan.FromMilliseconds(firstTokenMilliseconds),
        });
        var call = caller.Begin(Request);
        var connection = await RefusedInStreamAsync(server, call);

        // The clock stands still: a pause would wait forever.
        Assert.True(await PauseBeforeRepeatAsync(call));
        Assert.Equal(new Repeats { Count = 1, Cause = SageMakerFailureKind.Throttled, UsedFallback = true }, call.Repeats);
        var opening = Caller.OpenAsync(call);
        Assert.Contains("/endpoints/second-endpoint/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Caller.WholeStream);
        using (var response = await opening)
        {
            await Caller.ReadToEndAsync(response);
        }

        Assert.False(await PauseBeforeRepeatAsync(call));
        Assert.Equal(1, call.Repeats.Count);
    }

    [Fact]
    public async Task StreamThatRefusesBeforeTheLastRepeat_IsRepeatedFirst()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Request);
        var connection = await RefusedInStreamAsync(server, call);
        var pausing = PauseBeforeRepeatAsync(call);
        await caller.PauseAsync(1);
        Assert.True(await pausing);
        Assert.False(call.Repeats.UsedFallback);
        var opening = Caller.OpenAsync(call);
        Assert.Contains("/endpoints/my-endpoint/", await connection.ReadRequestAsync(), StringComparison.Ordinal);
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await opening;
    }

    [Fact]
    public async Task FallbackThatFailsAfterAStreamThatRefused_LeavesTheRefusal()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { MaxAttempts = 1 });
        var call = caller.Begin(Request);
        var connection = await RefusedInStreamAsync(server, call);
        Assert.True(await PauseBeforeRepeatAsync(call));
        var failing = Caller.FailureAsync(call);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Reply(503, "ServiceUnavailable", "{}"));
        Assert.Equal("SageMaker call failed: Throttled at Body; the fallback: ServiceUnavailable", (await failing).ToString());
    }

    [Fact]
    public async Task StreamWithATokenOrWithoutAFallback_GoesNowhere()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, options => options with { MaxAttempts = 1 });
        var call = caller.Begin(Request);
        var connection = await RefusedInStreamAsync(server, call);
        call.TokenArrived();
        Assert.False(await PauseBeforeRepeatAsync(call));

        call = caller.Begin();
        var opening = Caller.OpenAsync(call);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using (var response = await opening)
        {
            await Caller.ReadToEndAsync(response);
        }

        Assert.False(await PauseBeforeRepeatAsync(call));
    }

    [Fact]
    public async Task StreamOfTheFallbackThatRefuses_IsNotRepeated()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.Begin(Request);
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(NoCapacity);
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using (var response = await opening)
        {
            await Caller.ReadToEndAsync(response);
        }

        Assert.False(await call.PauseBeforeRepeatAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FallbackWithAnInvalidName_IsRefusedBeforeAnythingIsSent()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var failure = await caller.FailureAsync(Caller.Request with { FallbackEndpointName = "a/b" });
        Assert.Equal((SageMakerFailureKind.Validation, SageMakerStage.Request), (failure.Kind, failure.Stage));
        Assert.Equal(0, server.Waiting);
    }

    /// <summary>What a stream says is the relay's to read: here it has no token.</summary>
    private static async Task<ScriptedServer.Connection> RefusedInStreamAsync(ScriptedServer server, EndpointCall call)
    {
        var opening = Caller.OpenAsync(call);
        var connection = await server.AnswerAsync(Caller.WholeStream);
        using var response = await opening;
        await Caller.ReadToEndAsync(response);
        return connection;
    }

    private static Task<bool> PauseBeforeRepeatAsync(EndpointCall call) =>
        call.PauseBeforeRepeatAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedServer.Patience);

    private static string Reply(int status, string name, string body) =>
        $"HTTP/1.1 {status} X\r\nx-amzn-errortype: {name}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
}
