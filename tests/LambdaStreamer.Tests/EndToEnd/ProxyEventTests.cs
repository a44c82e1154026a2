using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Events of API Gateway's format 1.0 beside those of a Function URL, and the answers that <c>sam local</c> gets.</summary>
public partial class ProxyEventTests
{
    private const string Chat = """{"messages":[{"role":"user","content":"x"}],"stream":true}""";

    public static TheoryData<string, string, string, string> Requests => new()
    {
        { "POST", "/", "text/plain", """{"inputs":"x"}""" },
        { "POST", "/invocations", "text/event-stream", """{"inputs":"x","parameters":{"details":true}}""" },
        { "POST", "/", "application/x-ndjson", """{"inputs":"x"}""" },
        { "POST", "/generate", "*/*", """{"inputs":"x"}""" },
        { "POST", "/v1/chat/completions", "*/*", Chat },
        { "POST", "/v1/completions", "*/*", """{"prompt":"x"}""" },
        { "GET", "/v1/models", "*/*", "" },
        { "GET", "/health", "*/*", "" },
        { "POST", "/", "text/plain", "no JSON" },
        { "PUT", "/v1/chat/completions", "*/*", "" },
        { "GET", "/no where", "*/*", "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task SameRequestInBothFormats_GetsTheSameBytes(string method, string path, string accept, string body)
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        var plain = await InvokeAsync(function, Format2(method, path, accept, body, isBase64: false));
        Assert.Contains("\0\0\0\0\0\0\0\0", plain, StringComparison.Ordinal);
        Assert.Equal(plain, await InvokeAsync(function, Format1(method, path, accept, body, isBase64: false)));
        Assert.Equal(plain, await InvokeAsync(function, Format1(method, path, accept, body, isBase64: true)));
        Assert.Equal(plain, await InvokeAsync(function, Format2(method, path, accept, body, isBase64: true)));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task UnderSamLocal_TheSameAnswerIsOneJsonObject(string method, string path, string accept, string body)
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        await using var local = await FunctionUnderTest.StartAsync(sageMaker.Url, ("AWS_SAM_LOCAL", "true"));
        var streamed = (await InvokeAsync(function, Format2(method, path, accept, body, isBase64: false))).Split("\0\0\0\0\0\0\0\0");
        using var prelude = JsonDocument.Parse(streamed[0]);
        foreach (var request in new[] { Format1(method, path, accept, body, isBase64: true), Format2(method, path, accept, body, isBase64: false) })
        {
            using var answer = JsonDocument.Parse(await InvokeAsync(local, request));
            Assert.Equal(
                prelude.RootElement.GetProperty("statusCode").GetInt32(), answer.RootElement.GetProperty("statusCode").GetInt32());
            Assert.Equal(
                prelude.RootElement.GetProperty("headers").GetRawText(), answer.RootElement.GetProperty("headers").GetRawText());
            Assert.False(answer.RootElement.GetProperty("isBase64Encoded").GetBoolean());
            Assert.Equal(streamed[1], answer.RootElement.GetProperty("body").GetString());
        }
    }

    [Fact]
    public async Task UnderSamLocal_WhatBreaksInTheMiddleIsToldBehindTheText()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "Hello"));
            await exchange.EndAsync();
        });
        await using var local = await FunctionUnderTest.StartAsync(sageMaker.Url, ("AWS_SAM_LOCAL", "true"));
        using var answer = JsonDocument.Parse(await InvokeAsync(local, Format2("POST", "/", "text/plain", """{"inputs":"x"}""", isBase64: false)));
        Assert.Equal(200, answer.RootElement.GetProperty("statusCode").GetInt32());
        Assert.Equal(
            "Hello\n[error: The model's answer ended without its end marker: it may be cut.]\n",
            answer.RootElement.GetProperty("body").GetString());
        local.AssertLogs("ending=ModelEndMissing");
    }

    [Fact]
    public async Task UnderSamLocal_WhatIsTooLargeForItIsAClearErrorToClientAndLog()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 0; i < 70; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, new string('x', 100_000)));
            }

            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var local = await FunctionUnderTest.StartAsync(sageMaker.Url, ("AWS_SAM_LOCAL", "true"));
        using var answer = JsonDocument.Parse(await InvokeAsync(local, Format2("POST", "/", "text/plain", """{"inputs":"x"}""", isBase64: false)));
        Assert.Equal(502, answer.RootElement.GetProperty("statusCode").GetInt32());
        Assert.Contains("larger than the 6291456 bytes that sam local takes", answer.RootElement.GetProperty("body").GetString(), StringComparison.Ordinal);
        local.AssertLogs("ending=AnswerTooLarge side=Relay");
    }

    [Fact]
    public async Task BrokenEvent_IsOneLineAndOneMetric()
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("METRICS_NAMESPACE", "Tests"));
        Assert.Contains("Function.EventInvalid", await InvokeAsync(function, """{"requestContext":{"http":{"method":1}}}"""), StringComparison.Ordinal);
        function.AssertLogs("ending=EventInvalid side=Lambda surface=none");
        function.AssertLogs("\"Ending\":\"EventInvalid\"");
    }

    private static ScriptedSageMaker Answering() => new(static async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(Parts.OfToken(1, "Hello \u00e9"));
        await exchange.SendAsync(Parts.OfEnd());
        await exchange.EndAsync();
    });

    private static string Format2(string method, string path, string accept, string body, bool isBase64) => JsonSerializer.Serialize(new
    {
        version = "2.0",
        rawPath = Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal),
        rawQueryString = "",
        headers = new { accept },
        requestContext = new { http = new { method, path } },
        body = Encoded(body, isBase64),
        isBase64Encoded = isBase64,
    });

    private static string Format1(string method, string path, string accept, string body, bool isBase64) => JsonSerializer.Serialize(new
    {
        resource = "/{proxy+}",
        path,
        httpMethod = method,
        headers = new { Accept = accept },
        multiValueHeaders = new { Accept = new[] { accept } },
        queryStringParameters = (object?)null,
        requestContext = new { httpMethod = method, stage = "prod", path = $"/prod{path}" },
        body = Encoded(body, isBase64),
        isBase64Encoded = isBase64,
    });

    private static string? Encoded(string body, bool isBase64) =>
        body.Length == 0 ? null : isBase64 ? Convert.ToBase64String(Encoding.UTF8.GetBytes(body)) : body;

    /// <summary>The payload, with what differs from call to call taken out.</summary>
    private static async Task<string> InvokeAsync(FunctionUnderTest function, string payload)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent(payload);
        var url = new Uri(function.Lambda.LambdaApiUrl, "2015-03-31/functions/lambda-streamer/invocations");
        using var response = await client.PostAsync(url, content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return Created().Replace(Id().Replace(text, "ID"), "$1:0");
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("""(\\?"created\\?"):[0-9]+""")]
    private static partial Regex Created();
}
