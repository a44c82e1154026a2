using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>Every answer that the Runtime API gives, literally.</summary>
public class RuntimeApiAnswerTests
{
    private const string Accepted = """{"status":"OK"}""";
    private const string ErrorJson = """{"errorMessage":"m","errorType":"Function.Bad","stackTrace":[]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ping_IsAnswered()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        await twin.Runtime.SendAsync("GET /2018-06-01/ping HTTP/1.1\r\nHost: twin\r\n\r\n");
        var answer = await twin.Runtime.ReceiveAsync();
        Assert.Equal(("HTTP/1.1 200 OK", "pong"), (answer.StatusLine, answer.Body));
    }

    [Fact]
    public async Task Next_CarriesRequestIdDeadlineArnTraceAndNonce()
    {
        var time = new ManualTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions
        {
            TimeProvider = time,
            FunctionTimeout = TimeSpan.FromSeconds(30),
            FunctionName = "streamer",
            Environment = new Dictionary<string, string> { ["AWS_REGION"] = "eu-central-1" },
        });
        var call = await twin.CallAsync();
        var next = twin.Runtime.Event;
        await twin.Runtime.StreamAsync("x");
        using var response = await call;

        Assert.Equal("HTTP/1.1 200 OK", next.StatusLine);
        Assert.Equal(response.Headers.GetValues("x-amzn-RequestId").Single(), next["Lambda-Runtime-Aws-Request-Id"]);
        Assert.Equal("1700000030000", next["Lambda-Runtime-Deadline-Ms"]);
        Assert.Equal("arn:aws:lambda:eu-central-1:123456789012:function:streamer", next["Lambda-Runtime-Invoked-Function-Arn"]);
        Assert.Matches("^Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$", next["Lambda-Runtime-Trace-Id"]);
        Assert.True(Guid.TryParse(next["Lambda-Runtime-Invocation-Id"], out _));
        Assert.Equal("application/json", next["Content-Type"]);
        Assert.Null(next["Lambda-Runtime-Client-Context"]);
        Assert.Null(next["Lambda-Runtime-Cognito-Identity"]);
    }

    [Theory]
    [InlineData(OptionalHeaders.Omitted, null)]
    [InlineData(OptionalHeaders.Empty, "")]
    public async Task NextVariation_OmitsOrEmptiesOptionalHeaders(OptionalHeaders headers, string? expected)
    {
        await using var twin = await TwinUnderTest.StartAsync(
            new LambdaTwinOptions { NextVariation = new NextVariation { OptionalHeaders = headers, ChunkedEvent = true } });
        var call = await twin.CallAsync();
        var next = twin.Runtime.Event;
        Assert.NotNull(next["Lambda-Runtime-Aws-Request-Id"]);
        Assert.NotNull(next["Lambda-Runtime-Deadline-Ms"]);
        Assert.Equal("chunked", next["Transfer-Encoding"]);
        Assert.EndsWith("\"isBase64Encoded\":false}", next.Body, StringComparison.Ordinal);
        foreach (var name in new[] { "Invoked-Function-Arn", "Trace-Id", "Invocation-Id", "Client-Context", "Aws-Tenant-Id" })
        {
            Assert.Equal(expected, next[$"Lambda-Runtime-{name}"]);
        }

        await twin.Runtime.PostAsync(
            $"invocation/{twin.Runtime.RequestId}/response",
            $"Lambda-Runtime-Invocation-Id: {next["Lambda-Runtime-Invocation-Id"]}\r\n",
            "x");
        (await call).Dispose();
    }

    [Fact]
    public async Task BufferedResponse_IsAccepted()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.RespondAsync("hello", "Content-Type: text/markdown\r\n");

        Assert.Equal(("HTTP/1.1 202 Accepted", Accepted), (answer.StatusLine, answer.Body));
        using var response = await call;
        Assert.Equal("text/markdown", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(ResponseKind.Buffered, twin.Record.Response);
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task OtherRequestId_Is400InvalidRequestId()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.PostAsync("invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response", "", "x");
        Assert.Equal("HTTP/1.1 400 Bad Request", answer.StatusLine);
        Assert.Equal("""{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}""", answer.Body);
        Assert.Equal([ViolationKind.WrongRequestId], twin.Record.Violations.Select(each => each.Kind).Distinct());

        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }

    [Fact]
    public async Task OtherMode_Is400InvalidFunctionResponseMode()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.RespondAsync("x", "Lambda-Runtime-Function-Response-Mode: Streaming\r\n");
        Assert.Equal("HTTP/1.1 400 Bad Request", answer.StatusLine);
        Assert.Equal("""{"errorMessage":"Invalid response mode","errorType":"InvalidFunctionResponseMode"}""", answer.Body);
        using var response = await call;
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal("Runtime.InvalidResponseModeHeader", twin.Record.Outcome!.ErrorType);
        Assert.Equal([ViolationKind.InvalidResponseMode], twin.ViolationKinds);
    }

    [Fact]
    public async Task CutConnection_Is400TruncatedHttpRequest()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        await twin.Runtime.ChunkAsync("some");
        twin.Runtime.Finish();
        var answer = await twin.Runtime.ReceiveAsync();

        Assert.Equal("HTTP/1.1 400 Bad Request", answer.StatusLine);
        Assert.Equal(
            """{"errorMessage":"the connection ended within the response body","errorType":"TruncatedHTTPRequest"}""", answer.Body);
        using var response = await call;
        Assert.Equal(("some", false), await TwinUnderTest.ReadBodyAsync(response));
        Assert.Equal("Runtime.TruncatedResponse", twin.Record.Outcome!.ErrorType);
        Assert.Equal([ViolationKind.TruncatedBody], twin.ViolationKinds);
    }

    [Fact]
    public async Task BrokenChunk_Is400TruncatedHttpRequest()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        await twin.Runtime.SendAsync("5\r\nHelloo\r\n");
        var answer = await twin.Runtime.ReceiveAsync();

        Assert.Equal("HTTP/1.1 400 Bad Request", answer.StatusLine);
        Assert.Contains("\"errorType\":\"TruncatedHTTPRequest\"", answer.Body, StringComparison.Ordinal);
        Assert.True(await twin.Runtime.IsClosedAsync());
        using var response = await call;
        Assert.False((await TwinUnderTest.ReadBodyAsync(response)).IsWhole);
        Assert.Equal([ViolationKind.MalformedChunk], twin.ViolationKinds);
    }

    [Fact]
    public async Task SecondResponse_Is403InvalidStateTransition()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.RespondAsync("x");
        var answer = await twin.Runtime.RespondAsync("y");
        Assert.Equal("HTTP/1.1 403 Forbidden", answer.StatusLine);
        Assert.Equal("""{"errorMessage":"POST /response while Answered","errorType":"InvalidStateTransition"}""", answer.Body);
        using var response = await call;
        Assert.Equal("x", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task ErrorAfterResponseBegan_Is403InvalidStateTransition()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.BeginStreamAsync();
        await twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
        await twin.Runtime.ChunkAsync("x");
        using var response = await call;
        using var second = twin.Connect();
        var head = twin.Runtime.Post($"invocation/{twin.Runtime.RequestId}/error", $"Content-Length: {ErrorJson.Length}\r\n");
        await second.SendAsync(head + ErrorJson);
        var answer = await second.ReceiveAsync();
        Assert.Equal("HTTP/1.1 403 Forbidden", answer.StatusLine);
        Assert.Contains("InvalidStateTransition", answer.Body, StringComparison.Ordinal);

        await twin.Runtime.EndStreamAsync();
        Assert.Equal(("x", true), await TwinUnderTest.ReadBodyAsync(response));
    }

    [Fact]
    public async Task NextBeforeAnAnswer_Is403InvalidStateTransition()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        using var second = twin.Connect();
        Assert.Equal("HTTP/1.1 403 Forbidden", (await second.NextAsync()).StatusLine);
        Assert.Equal([ViolationKind.InvalidState], twin.ViolationKinds);
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }

    [Fact]
    public async Task SecondPoll_Is403InvalidStateTransition()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
        await twin.Runtime.BeginNextAsync();
        using var second = twin.Connect();
        await second.BeginNextAsync();

        // Whichever came last waits; the other is refused.
        var refused = await await Task.WhenAny(second.ReceiveAsync(), twin.Runtime.ReceiveAsync());
        Assert.Equal("HTTP/1.1 403 Forbidden", refused.StatusLine);
    }

    [Fact]
    public async Task StaleInvocationId_Is410InvokeTimeout()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.RespondAsync("late", "Lambda-Runtime-Invocation-Id: 11111111-1111-1111-1111-111111111111\r\n");
        Assert.Equal("HTTP/1.1 410 Gone", answer.StatusLine);
        Assert.Contains("\"errorType\":\"InvokeTimeout\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal([ViolationKind.StaleInvocationId], twin.ViolationKinds);
        await twin.Runtime.RespondAsync("in time");
        using var response = await call;
        Assert.Equal("in time", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task AnswerAfterTheTimeout_Is410InvokeTimeout()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await TwinUnderTest.StartAsync(
            new LambdaTwinOptions { TimeProvider = time, FunctionTimeout = TimeSpan.FromSeconds(3) });
        var call = await twin.CallAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        using var response = await call;
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal("Sandbox.Timedout", twin.Record.Outcome!.ErrorType);
        Assert.EndsWith(
            "Error: Task timed out after 3.00 seconds\"}",
            Encoding.UTF8.GetString(twin.Record.Outcome.ErrorBody.Span),
            StringComparison.Ordinal);

        // Lambda closes what the runtime had open; it comes back on a new connection.
        using var again = twin.Connect();
        await again.SendAsync(twin.Runtime.Post($"invocation/{twin.Runtime.RequestId}/response", "Content-Length: 1\r\n") + "x");
        Assert.Equal("HTTP/1.1 410 Gone", (await again.ReceiveAsync()).StatusLine);
        var second = twin.Client.GetAsync("/", Token);
        await again.NextAsync();
        await again.RespondAsync("again");
        Assert.Equal("again", await (await second).Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task BufferedResponseOverTheLimit_Is413()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.SendAsync(twin.Runtime.Post($"invocation/{twin.Runtime.RequestId}/response", "Content-Length: 6291557\r\n"));
        var answer = await twin.Runtime.ReceiveAsync();
        Assert.Equal("HTTP/1.1 413 Request Entity Too Large", answer.StatusLine);
        Assert.Equal(
            """{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}""",
            answer.Body);
        using var response = await call;
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal("Function.ResponseSizeTooLarge", twin.Record.Outcome!.ErrorType);
    }

    [Fact]
    public async Task BufferedResponseAtTheLimit_IsAccepted()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answering = twin.Runtime.RespondAsync(new string('x', 6_291_556));
        using var response = await call;
        Assert.Equal(6_291_556, (await response.Content.ReadAsByteArrayAsync(Token)).Length);
        Assert.Equal("HTTP/1.1 202 Accepted", (await answering).StatusLine);
    }

    [Fact]
    public async Task PollAtShutDown_Is500InternalServerError()
    {
        await using var server = new RuntimeApiServer(
            new RuntimeApiSettings { TimeProvider = TimeProvider.System, ReportViolation = violation => Assert.Fail(violation.Detail) });
        using var waiting = new ScriptedRuntime(server.Address);
        await waiting.BeginNextAsync();
        await server.Lifecycle.Initialized;
        server.Lifecycle.ShutDown();
        using var late = new ScriptedRuntime(server.Address);

        foreach (var answer in new[] { await waiting.ReceiveAsync(), await late.NextAsync() })
        {
            Assert.Equal("HTTP/1.1 500 Internal Server Error", answer.StatusLine);
            Assert.Equal(
                """{"errorMessage":"The execution environment is shutting down","errorType":"InternalServerError"}""", answer.Body);
        }
    }

    [Fact]
    public async Task ReportedError_Is202AndTheCallerGets502()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        var answer = await twin.Runtime.FailAsync(ErrorJson, "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n");
        Assert.Equal(("HTTP/1.1 202 Accepted", Accepted), (answer.StatusLine, answer.Body));
        using var response = await call;
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal("Internal Server Error", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(ResponseKind.Error, twin.Record.Response);
        Assert.Equal("Function.Bad", twin.Record.Outcome!.ErrorType);
        Assert.Equal(ErrorJson, Encoding.UTF8.GetString(twin.Record.Outcome.ErrorBody.Span));
        Assert.Empty(twin.Twin.Violations);
    }

    [Theory]
    [InlineData("Function.not-a-word", "Function.Unknown")]
    [InlineData("Bad", "Runtime.Unknown")]
    public async Task ErrorTypeOutsideTheRule_BecomesUnknown(string sent, string expected)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        await twin.Runtime.FailAsync("not json", $"Lambda-Runtime-Function-Error-Type: {sent}\r\n");
        (await call).Dispose();
        Assert.Equal(expected, twin.Record.Outcome!.ErrorType);
        Assert.Equal([ViolationKind.InvalidErrorBody, ViolationKind.InvalidErrorType], twin.ViolationKinds);
    }

    [Fact]
    public async Task InitError_FailsTheWaitingInvocation()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = twin.Client.GetAsync("/", Token);
        var answer = await twin.Runtime.PostAsync("init/error", "Lambda-Runtime-Function-Error-Type: Runtime.NoConfig\r\n", ErrorJson);
        Assert.Equal(("HTTP/1.1 202 Accepted", Accepted), (answer.StatusLine, answer.Body));
        using var response = await call;
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal("Runtime.NoConfig", twin.Record.Outcome!.ErrorType);
    }

    [Fact]
    public async Task InitErrorAfterTheFirstPoll_Is403()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        Assert.Equal("HTTP/1.1 403 Forbidden", (await twin.Runtime.PostAsync("init/error", "", ErrorJson)).StatusLine);
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }
}
