using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public sealed class EndpointRequestTests
{
    [Fact]
    public async Task PlainRequest_IsThisOnTheWire()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        var request = await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;

        var lines = request.Split("\r\n");
        Assert.Equal("POST /endpoints/my-endpoint/invocations-response-stream HTTP/1.1", lines[0]);
        var headers = Headers(request);
        Assert.Equal($"localhost:{server.Port}", headers["host"]);
        Assert.Equal("application/json", headers["content-type"]);
        Assert.Equal("15", headers["content-length"]);
        Assert.Equal("20260102T030405Z", headers["x-amz-date"]);
        Assert.Equal("attempt=1; max=3", headers["amz-sdk-request"]);
        Assert.True(Guid.TryParse(headers["amz-sdk-invocation-id"], out _));
        Assert.StartsWith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sagemaker/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-date, Signature=",
            headers["authorization"],
            StringComparison.Ordinal);
        Assert.Equal("LambdaStreamer", headers["user-agent"]);
        Assert.Equal(8, headers.Count);
        Assert.EndsWith("\r\n\r\n{\"inputs\":\"hi\"}", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryMember_HasItsHeader()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server, credentials: new EnvironmentCredentials(new("AKIDEXAMPLE", "secret", "session/token==")));
        var call = caller.InvokeAsync(new EndpointRequest
        {
            EndpointName = "e",
            Body = "x"u8.ToArray(),
            ContentType = "application/x-text",
            InferenceComponentName = "component-1",
            TargetVariant = "variant-1",
            CustomAttributes = "route=/v1/chat/completions",
            SessionId = "session-1",
            InferenceId = "inference-1",
            TraceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        });
        var connection = await server.AcceptedAsync();
        var headers = Headers(await connection.ReadRequestAsync());
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;

        Assert.Equal("application/x-text", headers["content-type"]);
        Assert.Equal("component-1", headers["x-amzn-sagemaker-inference-component"]);
        Assert.Equal("variant-1", headers["x-amzn-sagemaker-target-variant"]);
        Assert.Equal("route=/v1/chat/completions", headers["x-amzn-sagemaker-custom-attributes"]);
        Assert.Equal("session-1", headers["x-amzn-sagemaker-session-id"]);
        Assert.Equal("inference-1", headers["x-amzn-sagemaker-inference-id"]);
        Assert.Equal("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", headers["x-amzn-trace-id"]);
        Assert.Equal("session/token==", headers["x-amz-security-token"]);
        Assert.Contains(
            "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amzn-sagemaker-custom-attributes;"
            + "x-amzn-sagemaker-inference-component;x-amzn-sagemaker-inference-id;x-amzn-sagemaker-session-id;"
            + "x-amzn-sagemaker-target-variant,",
            headers["authorization"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task BasePath_GoesBeforeTheRequestsOwn()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(new Uri(server.Address, "/gateway/v1"));
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        var request = await connection.ReadRequestAsync();
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;
        Assert.Equal("POST /gateway/v1/endpoints/my-endpoint/invocations-response-stream HTTP/1.1", request.Split("\r\n")[0]);
    }

    public static TheoryData<string, EndpointRequest> BadRequests() => new()
    {
        { "The endpoint's name is", Caller.Request with { EndpointName = "" } },
        { "The endpoint's name is", Caller.Request with { EndpointName = "../x" } },
        { "The endpoint's name is", Caller.Request with { EndpointName = "-x" } },
        { "The endpoint's name is", Caller.Request with { EndpointName = "x-" } },
        { "The endpoint's name is", Caller.Request with { EndpointName = new string('x', 64) } },
        { "content-type is", Caller.Request with { ContentType = "application/json\r\nX-Evil: 1" } },
        { "x-amzn-sagemaker-inference-component is", Caller.Request with { InferenceComponentName = "a b" } },
        { "x-amzn-sagemaker-target-variant is", Caller.Request with { TargetVariant = "a\r\n" } },
        { "x-amzn-sagemaker-custom-attributes is", Caller.Request with { CustomAttributes = "a\u0000" } },
        { "x-amzn-sagemaker-custom-attributes is", Caller.Request with { CustomAttributes = "\u00e9" } },
        { "x-amzn-sagemaker-custom-attributes is", Caller.Request with { CustomAttributes = new string('x', 1025) } },
        { "x-amzn-sagemaker-session-id is", Caller.Request with { SessionId = new string('x', 257) } },
        { "x-amzn-sagemaker-inference-id is", Caller.Request with { InferenceId = " x" } },
        { "x-amzn-sagemaker-inference-id is", Caller.Request with { InferenceId = new string('x', 65) } },
        { "The fallback endpoint's name is", Caller.Request with { FallbackEndpointName = "a/b" } },
        { "The fallback's inference component is", Caller.Request with { FallbackInferenceComponentName = "a b" } },
    };

    [Theory]
    [MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public async Task BadValue_IsRefusedBeforeAnythingIsSent(string beginning, EndpointRequest request)
    {
        // Nobody listens there; a request that was sent would fail in another way.
        using var caller = new Caller(new Uri("http://localhost:1"));
        var failure = await caller.FailureAsync(request);
        Assert.Equal((SageMakerFailureKind.Validation, SageMakerStage.Request), (failure.Kind, failure.Stage));
        Assert.StartsWith(beginning, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Root=1\r\nHost: evil")]
    [InlineData("")]
    public async Task TraceIdThatNoHeaderMayHold_IsLeftOut(string traceId)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync(Caller.Request with { TraceId = traceId });
        var connection = await server.AcceptedAsync();
        var headers = Headers(await connection.ReadRequestAsync());
        await connection.WriteAsync(Caller.WholeStream);
        using var response = await call;
        Assert.DoesNotContain("x-amzn-trace-id", headers.Keys);
    }

    [Fact]
    public async Task HugeBody_IsRefusedBeforeAnythingIsSent()
    {
        using var caller = new Caller(new Uri("http://localhost:1"));
        var failure = await caller.FailureAsync(Caller.Request with { Body = new byte[(25 * 1024 * 1024) + 1] });
        Assert.Equal((SageMakerFailureKind.TooLarge, SageMakerStage.Request), (failure.Kind, failure.Stage));
    }

    [Fact]
    public async Task PassedDeadline_IsRefusedBeforeAnythingIsSent()
    {
        using var caller = new Caller(new Uri("http://localhost:1"));
        var failure = await caller.FailureAsync(Caller.Request with { Deadline = caller.Clock.GetUtcNow() });
        Assert.Equal((SageMakerFailureKind.DeadlineNear, SageMakerStage.Request), (failure.Kind, failure.Stage));
    }

    internal static Dictionary<string, string> Headers(string request) => request[..request.IndexOf("\r\n\r\n", StringComparison.Ordinal)]
        .Split("\r\n")
        .Skip(1)
        .ToDictionary(line => line[..line.IndexOf(':')].ToLowerInvariant(), line => line[(line.IndexOf(':') + 2)..]);
}
