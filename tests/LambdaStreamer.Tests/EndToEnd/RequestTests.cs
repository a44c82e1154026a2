using System.Net;
using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>What a caller gets for each kind of request, and that a request that cannot be served never reaches SageMaker.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private ScriptedSageMaker _sageMaker = null!;
    private FunctionUnderTest _function = null!;
    private string _lastRequest = "";

    public async ValueTask InitializeAsync()
    {
        _sageMaker = new ScriptedSageMaker(async exchange =>
        {
            _lastRequest = exchange.Request;
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("01-tgi-1.1.0-generate.sse"));
            await exchange.EndAsync();
        });
        try
        {
            _function = await FunctionUnderTest.StartAsync(
                _sageMaker.Url, ("MAX_REQUEST_BYTES", "1000"), ("SAGEMAKER_INFERENCE_COMPONENT_NAME", "component"), ("AWS_SESSION_TOKEN", "token"));
        }
        catch
        {
            await _sageMaker.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_function is not null)
        {
            await _function.DisposeAsync();
        }

        await _sageMaker.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "text/plain; charset=utf-8", "*/*", " Amazon SageMaker is a service.")]
    [InlineData("/invocations", "application/json", "application/json", """[{"generated_text":" Amazon SageMaker is a service."}]""")]
    public async Task BlogsRequest_IsAnswered(string path, string contentType, string accept, string expected)
    {
        using var response = await _function.PostAsync("""{"inputs":"hi","parameters":{"max_new_tokens":256,"return_full_text":false},"stream":true}""", accept, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal((expected, false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(_function.LastInvocation.RequestId, response.Headers.GetValues("x-request-id").Single());
    }

    [Fact]
    public async Task Request_ReachesSageMakerSignedAndWithItsHeaders()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StringContent("""{"inputs":"hi","parameters":{"max_new_tokens":256,"return_full_text":false},"stream":true}""", Encoding.UTF8, "application/json"),
            Headers =
            {
                { "X-Amzn-SageMaker-Custom-Attributes", "a=b" },
                { "X-Amzn-SageMaker-Session-Id", "session" },
                { "X-Amzn-SageMaker-Inference-Id", "inference" },
                { "X-Amzn-SageMaker-Target-Variant", "blue" },
                { "X-Amzn-SageMaker-Inference-Component", "another" },
            },
        };
        using var response = await _function.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("POST /endpoints/endpoint/invocations-response-stream HTTP/1.1\r\n", _lastRequest);
        Assert.EndsWith("""{"inputs":"hi","parameters":{"max_new_tokens":256,"return_full_text":false},"stream":true}""", _lastRequest);
        Assert.Contains("\r\nContent-Type: application/json\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amzn-SageMaker-Custom-Attributes: a=b\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amzn-SageMaker-Session-Id: session\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amzn-SageMaker-Inference-Id: inference\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amzn-SageMaker-Target-Variant: blue\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amzn-SageMaker-Inference-Component: component\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nX-Amz-Security-Token: token\r\n", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", _lastRequest, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("/us-east-1/sagemaker/aws4_request", _lastRequest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BinaryBody_ArrivesAsBase64AndIsUnderstood()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new ByteArrayContent("""{"inputs":"富士山"}"""u8.ToArray()) { Headers = { { "Content-Type", "application/octet-stream" } } },
        };
        using var response = await _function.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.EndsWith("{\"inputs\":\"富士山\",\"stream\":true}", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_lastRequest)));
    }

    [Theory]
    [InlineData("POST", "/", "*/*", "not json", 400, "The body is not valid JSON (line 1, byte 2).")]
    [InlineData("POST", "/", "*/*", "", 400, "The request has no body; JSON with \"inputs\" is expected.")]
    [InlineData("POST", "/", "*/*", "{}", 400, "\"inputs\" is missing.")]
    [InlineData("POST", "/", "*/*", """{"inputs":1}""", 400, "\"inputs\" must be a string.")]
    [InlineData("POST", "/", "*/*", """{"inputs":"a","parameters":1}""", 400, "\"parameters\" must be an object.")]
    [InlineData("POST", "/", "*/*", """{"inputs":"a","stream":1}""", 400, "\"stream\" must be true or false.")]
    [InlineData("POST", "/", "image/png", """{"inputs":"a"}""", 406, "Accept names none of text/plain, text/event-stream, application/x-ndjson, application/json.")]
    [InlineData("POST", "/", "text/plain", """{"inputs":"a","stream":false}""", 406, "Accept names none of application/json, which \"stream\": false asks for.")]
    [InlineData("GET", "/", "*/*", null, 405, "/ takes POST.")]
    [InlineData("DELETE", "/invocations", "*/*", null, 405, "/invocations takes POST.")]
    [InlineData("PUT", "/health", "*/*", "x", 405, "/health takes GET, HEAD.")]
    [InlineData("POST", "/nothing", "*/*", """{"inputs":"a"}""", 404, "There is nothing at /nothing.")]
    public async Task RequestThatCannotBeServed_GetsItsStatusAndIsNotPassedOn(string method, string path, string accept, string? body, int status, string error)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Accept", accept } } };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _function.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            ($$"""{"error":"{{error.Replace("\"", "\\\"", StringComparison.Ordinal)}}","error_type":"validation"}""", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
        Assert.Equal(0, _sageMaker.Requests);
        Assert.Empty(_function.Lambda.Violations);
    }

    [Fact]
    public async Task BodyOverTheCap_Gets413()
    {
        using var atCap = await _function.PostAsync($$"""{"inputs":"{{new string('x', 1000 - 13)}}"}""");
        Assert.Equal(HttpStatusCode.OK, atCap.StatusCode);
        using var overCap = await _function.PostAsync($$"""{"inputs":"{{new string('x', 1001 - 13)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, overCap.StatusCode);
        Assert.Equal(1, _sageMaker.Requests);
    }

    [Fact]
    public async Task DirectEventOverTheCap_IsRefusedToo()
    {
        using var client = new HttpClient();
        using var content = new StringContent($$"""{"inputs":"{{new string('x', 1000)}}"}""");
        using var response = await client.PostAsync(
            new Uri(_function.Lambda.LambdaApiUrl, "2015-03-31/functions/lambda-streamer/invocations"), content, TestContext.Current.CancellationToken);
        Assert.Contains("at most 1000 are taken.", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, _sageMaker.Requests);
    }

    [Theory]
    [InlineData("X-Amzn-SageMaker-Target-Variant", "not a name")]
    [InlineData("X-Amzn-SageMaker-Custom-Attributes", "caf\u00e9")]
    public async Task HeaderThatSageMakerRefuses_Gets400(string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("""{"inputs":"a"}""") };
        request.Headers.TryAddWithoutValidation(name, value);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 });
        request.RequestUri = _function.Lambda.FunctionUrl;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, _sageMaker.Requests);
    }

    [Theory]
    [InlineData("""{"inputs":"hi"}""", null, """[{"generated_text":" Amazon SageMaker is a service."}]""")]
    [InlineData("""{"inputs":"hi","stream":true}""", null, " Amazon SageMaker is a service.")]
    [InlineData("""{"question":"hi"}""", "Unhandled", """{"errorMessage":"The event is no Function URL event and no request: \u0022inputs\u0022 is missing.","errorType":"Function.BadRequest","stackTrace":[]}""")]
    [InlineData("""{"requestContext":{"http":{"method":1}}}""", "Unhandled", """{"errorMessage":"A member of the event has an unexpected type.","errorType":"Function.EventInvalid","stackTrace":[]}""")]
    public async Task DirectInvocation_GetsTheBodyAloneOrALambdaError(string payload, string? functionError, string expected)
    {
        using var client = new HttpClient();
        using var content = new StringContent(payload);
        var url = new Uri(_function.Lambda.LambdaApiUrl, "2015-03-31/functions/lambda-streamer/invocations");
        using var response = await client.PostAsync(url, content, TestContext.Current.CancellationToken);
        Assert.Equal(functionError, response.Headers.TryGetValues("X-Amz-Function-Error", out var values) ? values.Single() : null);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(_function.Lambda.Violations);
    }

    [Fact]
    public async Task Health_DoesNotTouchSageMaker()
    {
        using var response = await _function.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("""{"status":"ok"}""", false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(0, _sageMaker.Requests);
    }
}
