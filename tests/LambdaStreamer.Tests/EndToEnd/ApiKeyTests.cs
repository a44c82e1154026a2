using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Who may call: keys through the native function, with an endpoint that counts what reaches it.</summary>
public class ApiKeyTests
{
    private const string Chat = """{"messages":[{"role":"user","content":"x"}],"model":"first"}""";

    private static readonly string Keys = string.Join(
        ',',
        Entry("alpha", ""),
        Entry("beta", ";models=second"),
        Entry("old", ";expires=2020-01-01"),
        Entry("short", ";max_new_tokens=10"));

    private const string Models = """[{"id":"first","endpoint":"one"},{"id":"second","endpoint":"two"}]""";

    private static (string, string)[] Environment => [("SAGEMAKER_ENDPOINT_NAME", ""), ("MODELS", Models), ("API_KEY_HASHES", Keys)];

    [Fact]
    public async Task RefusedKey_GetsTheSurfacesOwnErrorAndReachesNobody()
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, Environment);
        (string Path, string? Key, string Body, int Status, string Type, string Message)[] rows =
        [
            ("/", null, "no JSON", 401, "authentication", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
            ("/", "Bearer wrong-key", "no JSON", 401, "authentication", "The API key is not valid."),
            ("/", "Bearer old-key", "no JSON", 401, "authentication", "The API key has expired."),
            ("/", "Bearer beta-key", "no JSON", 403, "permission", "The API key does not open this model."),
            ("/generate", "Bearer beta-key", "", 403, "permission", "The API key does not open this model."),
            ("/v1/chat/completions", null, "no JSON", 401, "authentication_error", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
            ("/v1/chat/completions", "Bearer ", "no JSON", 401, "authentication_error", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
            ("/v1/completions", "Bearer wrong-key", "no JSON", 401, "authentication_error", "The API key is not valid."),
            ("/v1/chat/completions", "Bearer old-key", "no JSON", 401, "authentication_error", "The API key has expired."),
            ("/v1/chat/completions", "Bearer beta-key", """{"messages":7,"model":"first"}""", 403, "permission_error", "The API key does not open this model."),
            ("/v1/chat/completions", "AWS4-HMAC-SHA256 Credential=x", "no JSON", 401, "authentication_error", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
            ("/nowhere", null, "", 401, "authentication", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
            ("/cancel/x", null, "", 401, "authentication", "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\"."),
        ];
        foreach (var (path, key, body, status, type, message) in rows)
        {
            using var response = await SendAsync(function, path, body, ("Authorization", key));
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(status == 401, response.Headers.ToString().Contains("www-authenticate: Bearer", StringComparison.OrdinalIgnoreCase));
            var error = json.RootElement.GetProperty("error");
            var (toldType, toldMessage) = error.ValueKind == JsonValueKind.String
                ? (json.RootElement.GetProperty("error_type").GetString(), error.GetString())
                : (error.GetProperty("type").GetString(), error.GetProperty("message").GetString());
            Assert.Equal((type, message), (toldType, toldMessage));
        }

        Assert.Equal(0, sageMaker.Requests);
        function.AssertLogs("ending=ModelForbidden side=Client surface=chat status=403 key=beta");
        Assert.DoesNotContain("-key", function.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization", "Bearer alpha-key")]
    [InlineData("Authorization", "bearer  alpha-key")]
    [InlineData("x-api-key", "alpha-key")]
    public async Task RightKey_IsServedAndNamedInTheLog(string header, string value)
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, Environment);
        using var response = await SendAsync(function, "/v1/chat/completions", Chat, (header, value));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        function.AssertLogs("ending=Completed side=Model surface=chat status=200 key=alpha gen_ai.provider.name=aws.sagemaker");
        Assert.Equal(1, sageMaker.Requests);
    }

    [Fact]
    public async Task KeyBesideAnIamSignature_IsTakenFromItsOwnHeader()
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, Environment);
        using var response = await SendAsync(
            function, "/", """{"inputs":"x"}""", ("Authorization", "AWS4-HMAC-SHA256 Credential=x"), ("x-api-key", "alpha-key"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task KeyForSomeModels_SeesTheseAlone()
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, Environment);
        using var list = await GetAsync(function, "/v1/models", "beta-key");
        using var json = JsonDocument.Parse(await list.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["second"], json.RootElement.GetProperty("data").EnumerateArray().Select(static model => model.GetProperty("id").GetString()));
        using var other = await GetAsync(function, "/v1/models/first", "beta-key");
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        using var health = await GetAsync(function, "/health", "");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("/", """{"inputs":"x","parameters":{"max_new_tokens":11}}""", 400)]
    [InlineData("/", """{"inputs":"x","parameters":{"max_new_tokens":10}}""", 200)]
    [InlineData("/", """{"inputs":"x"}""", 200)]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"model":"first","max_tokens":11}""", 400)]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"model":"first","max_completion_tokens":10}""", 200)]
    public async Task KeysLimitOfNewTokens_HoldsForTheRequest(string path, string body, int status)
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, Environment);
        using var response = await SendAsync(function, path, body, ("x-api-key", "short-key"));
        Assert.Equal(status, (int)response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status == 400, text.Contains("asks for 11 new tokens; at most 10 are allowed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BrokenEntry_StopsTheFunctionAndIsNamed()
    {
        await using var sageMaker = Answering();
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("API_KEY_HASHES", "ci=lsk_not-a-hash"));
        using var response = await function.PostAsync("{}");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        function.AssertLogs("API_KEY_HASHES: entry 1 ('ci') must have a SHA-256 hash");
        Assert.DoesNotContain("lsk_", function.Log, StringComparison.Ordinal);
    }

    private static ScriptedSageMaker Answering() => new(static async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(Parts.OfToken(1, "Hello"));
        await exchange.SendAsync(Parts.OfEnd());
        await exchange.EndAsync();
    });

    private static string Entry(string name, string options) =>
        $"{name}={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}-key")))}{options}";

    private static Task<HttpResponseMessage> GetAsync(FunctionUnderTest function, string path, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("x-api-key", key);
        return function.SendAsync(request);
    }

    private static Task<HttpResponseMessage> SendAsync(
        FunctionUnderTest function, string path, string body, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return function.SendAsync(request);
    }
}
