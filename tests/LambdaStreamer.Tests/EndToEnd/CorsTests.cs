using System.Net;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>WHATWG Fetch, "CORS protocol", as answered by the function; keys are asked for, which a preflight never carries.</summary>
public class CorsTests
{
    private const string Named = "https://app.example, http://localhost:5173";

    // What openai for node sends from a browser, and a signed call.
    private const string SdkHeaders =
        "authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout,x-stainless-helper-method,x-amz-date,x-amz-security-token,x-amz-content-sha256,x-api-key";

    private static readonly string Keys = $"ci={new string('0', 64)}";

    [Theory]
    [InlineData(Named, "https://app.example", "https://app.example", "true")]
    [InlineData(Named, "http://localhost:5173", "http://localhost:5173", "true")]
    [InlineData("*", "https://anywhere.example", "*", null)]
    [InlineData(Named, "https://app.example.evil.example", null, null)]
    [InlineData(Named, "https://APP.example", null, null)]
    [InlineData(Named, "null", null, null)]
    [InlineData(null, "https://app.example", null, null)]
    public async Task Preflight_AllowsTheNamedOriginsAlone(string? origins, string origin, string? allowed, string? credentials)
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url, ("ALLOWED_ORIGINS", origins ?? ""), ("API_KEY_HASHES", Keys));
        using var response = await SendAsync(
            function, HttpMethod.Options, origin, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", SdkHeaders));
        Assert.Equal(origins is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(allowed, Header(response, "access-control-allow-origin"));
        Assert.Equal(credentials, Header(response, "access-control-allow-credentials"));
        Assert.Equal(allowed is null ? null : SdkHeaders, Header(response, "access-control-allow-headers"));
        Assert.Equal(allowed is null ? null : "GET, HEAD, POST, OPTIONS", Header(response, "access-control-allow-methods"));
        Assert.Equal(allowed is null ? null : "7200", Header(response, "access-control-max-age"));
        Assert.Equal(origins == Named ? "origin" : null, Header(response, "vary"));
        Assert.Equal(0, sageMaker.Requests);
    }

    [Fact]
    public async Task RequestedHeadersThatAreNoNames_AreNotRepeated()
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("ALLOWED_ORIGINS", Named));
        using var response = await SendAsync(
            function, HttpMethod.Options, "https://app.example", ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "a, b: c"));
        Assert.Equal("https://app.example", Header(response, "access-control-allow-origin"));
        Assert.Null(Header(response, "access-control-allow-headers"));
    }

    [Fact]
    public async Task Refusal_CanBeReadByTheNamedOrigin()
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("ALLOWED_ORIGINS", Named), ("API_KEY_HASHES", Keys));
        using var response = await SendAsync(function, HttpMethod.Post, "https://app.example");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("https://app.example", Header(response, "access-control-allow-origin"));
        Assert.Equal(
            "x-request-id, retry-after, x-lambdastreamer-retries, allow", Header(response, "access-control-expose-headers"));
    }

    [Theory]
    [InlineData("https://app.example/")]
    [InlineData("app.example")]
    [InlineData("*, https://app.example")]
    [InlineData("https://app.example/path")]
    [InlineData("ftp://app.example")]
    [InlineData("https://app.example:443")]
    public async Task ListThatNoBrowserWouldMatch_StopsTheFunction(string origins)
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("ALLOWED_ORIGINS", origins));
        using var response = await function.PostAsync("{}");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        function.AssertLogs("ALLOWED_ORIGINS must be * or origins such as https://example.com, without a path, joined by commas;");
    }

    private static Task<HttpResponseMessage> SendAsync(
        FunctionUnderTest function, HttpMethod method, string origin, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, "/v1/chat/completions");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return function.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
