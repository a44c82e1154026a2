using System.Net;
using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.LambdaApi;

public sealed class InvokeTests : IAsyncLifetime
{
    private const string Arn = "arn:aws:lambda:us-east-1:123456789012:function:fn";

    private const string NotAContext = "Client context must be a valid Base64-encoded JSON object.";

    private TwinUnderTest _twin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { FunctionName = "fn" });

    public async ValueTask DisposeAsync() => await _twin.DisposeAsync();

    [Fact]
    public async Task BufferedResult_IsThePayload()
    {
        var call = PostAsync("fn", """{"a":1}""");
        await _twin.Runtime.NextAsync();
        Assert.Equal("""{"a":1}""", _twin.Runtime.Event.Body);
        Assert.Equal(Arn, _twin.Runtime.Event["Lambda-Runtime-Invoked-Function-Arn"]);
        await _twin.Runtime.RespondAsync("\"result\"");
        using var response = await call;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("$LATEST", response.Headers.GetValues("X-Amz-Executed-Version").Single());
        Assert.False(response.Headers.Contains("X-Amz-Function-Error"));
        Assert.Equal(_twin.Runtime.RequestId, response.Headers.GetValues("x-amzn-RequestId").Single());
        Assert.Equal("\"result\"", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task StreamedResult_IsCollectedWithPreludeAndDelimiter()
    {
        var call = PostAsync("fn", "{}");
        await _twin.Runtime.NextAsync();
        await _twin.Runtime.StreamAsync("a", "b");
        using var response = await call;
        Assert.Equal(ScriptedRuntime.Prelude + "ab", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task StreamOverSixMebibytes_IsAFunctionError()
    {
        var call = PostAsync("fn", "{}");
        await _twin.Runtime.NextAsync();
        await _twin.Runtime.BeginStreamAsync();
        await _twin.Runtime.ChunkAsync(new string('x', 6_291_557));
        Assert.Equal("HTTP/1.1 413 Request Entity Too Large", (await _twin.Runtime.ReceiveAsync()).StatusLine);
        using var response = await call;
        Assert.Equal("Unhandled", response.Headers.GetValues("X-Amz-Function-Error").Single());
        Assert.Contains("Function.ResponseSizeTooLarge", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReportedError_IsAFunctionErrorWithStatus200()
    {
        var call = PostAsync("fn", "{}");
        await _twin.Runtime.NextAsync();
        await _twin.Runtime.FailAsync("""{"errorMessage":"m","errorType":"t"}""", "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n");
        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Unhandled", response.Headers.GetValues("X-Amz-Function-Error").Single());
        Assert.Equal("""{"errorMessage":"m","errorType":"t"}""", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task EventCall_IsAcceptedBeforeTheFunctionRuns()
    {
        using var response = await PostAsync("fn", "{}", ("X-Amz-Invocation-Type", "Event"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        using var second = await PostAsync("fn", "[2]", ("X-Amz-Invocation-Type", "Event"));
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        await _twin.Runtime.NextAsync();
        await _twin.Runtime.RespondAsync("done");
        Assert.Equal("[2]", (await _twin.Runtime.NextAsync()).Body);
        await _twin.Runtime.RespondAsync("done");
    }

    [Fact]
    public async Task DryRun_Is204AndReachesNobody()
    {
        using var response = await PostAsync("fn", "{}", ("X-Amz-Invocation-Type", "DryRun"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(_twin.Twin.Invocations);
    }

    [Fact]
    public async Task LogTypeTail_BringsTheLastFourKibibytesOfTheLog()
    {
        var call = PostAsync("fn", "{}", ("X-Amz-Log-Type", "Tail"));
        await _twin.Runtime.NextAsync();
        await _twin.Runtime.RespondAsync("x");
        await _twin.Runtime.BeginNextAsync();
        using var response = await call;
        var log = Encoding.UTF8.GetString(Convert.FromBase64String(response.Headers.GetValues("X-Amz-Log-Result").Single()));
        var id = _twin.Runtime.RequestId;
        Assert.StartsWith(
            $"START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\tDuration: ",
            log,
            StringComparison.Ordinal);
        Assert.EndsWith(" ms\tMemory Size: 512 MB\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientContext_ReachesTheRuntimeDecodedAndInOneLine()
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("{\n\"custom\": {\"k\": \"v\"}\r\n}"));
        var call = PostAsync("fn", "{}", ("X-Amz-Client-Context", encoded));
        await _twin.Runtime.NextAsync();
        Assert.Equal("""{"custom":{"k":"v"}}""", _twin.Runtime.Event["Lambda-Runtime-Client-Context"]);
        await _twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }

    [Theory]
    [InlineData("fn", Arn)]
    [InlineData("fn:live", Arn + ":live")]
    [InlineData("fn?Qualifier=live", Arn + ":live")]
    [InlineData("fn:live?Qualifier=live", Arn + ":live")]
    [InlineData("fn%3A%24LATEST", Arn + ":$LATEST")]
    [InlineData("123456789012:function:fn", Arn)]
    [InlineData("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Afn", Arn)]
    [InlineData("arn:aws:lambda:us-east-1:123456789012:function:fn:7", Arn + ":7")]
    public async Task EveryFormOfTheName_ReachesTheFunction(string name, string arn)
    {
        var call = PostAsync(name, "{}");
        await _twin.Runtime.NextAsync();
        Assert.Equal(arn, _twin.Runtime.Event["Lambda-Runtime-Invoked-Function-Arn"]);
        await _twin.Runtime.RespondAsync("x");
        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("other", "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:123456789012:function:other")]
    [InlineData(
        "arn:aws:lambda:eu-west-1:123456789012:function:fn",
        "ResourceNotFoundException",
        "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:fn")]
    [InlineData("a:b:c:d:e", "ValidationException", "'a:b:c:d:e' is not a function name or ARN")]
    [InlineData(
        "fn:a?Qualifier=b",
        "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier.")]
    public async Task WrongName_IsRefusedInAwsWords(string name, string type, string message)
    {
        using var response = await PostAsync(name, "{}");
        await AssertRefusedAsync(response, type == "ResourceNotFoundException" ? 404 : 400, type, message);
    }

    [Theory]
    [InlineData("X-Amz-Invocation-Type", "Later", "InvalidParameterValueException", "'Later' is not an invocation type")]
    [InlineData("X-Amz-Log-Type", "All", "InvalidParameterValueException", "'All' is not a log type")]
    [InlineData("X-Amz-Client-Context", "e30", "InvalidRequestContentException", NotAContext)]
    [InlineData("X-Amz-Client-Context", "W10=", "InvalidRequestContentException", NotAContext)]
    public async Task WrongHeader_IsRefusedInAwsWords(string header, string value, string type, string message)
    {
        using var response = await PostAsync("fn", "{}", (header, value));
        await AssertRefusedAsync(response, 400, type, message);
    }

    [Fact]
    public async Task PayloadThatIsNotJson_Is400()
    {
        using var response = await PostAsync("fn", "not json");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("InvalidRequestContentException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task PayloadOverSixMebibytes_Is413()
    {
        using var response = await PostAsync("fn", $"\"{new string('x', 6 * 1024 * 1024)}\"");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("RequestTooLargeException", response.Headers.GetValues("x-amzn-ErrorType").Single());
    }

    [Fact]
    public async Task BusyFunction_Is429()
    {
        var first = PostAsync("fn", "{}");
        await _twin.Runtime.NextAsync();
        using var second = await PostAsync("fn", "{}");
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("TooManyRequestsException", second.Headers.GetValues("x-amzn-ErrorType").Single());
        await _twin.Runtime.RespondAsync("x");
        (await first).Dispose();
    }

    private async Task<HttpResponseMessage> PostAsync(string name, string payload, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_twin.Twin.LambdaApiUrl, $"/2015-03-31/functions/{InsertPath(name)}"));
        request.Content = new StringContent(payload);
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        return await _twin.Client.SendAsync(request, Token);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, int status, string type, string message)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(type, response.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.Equal($$"""{"Type":"User","message":"{{message}}"}""", await response.Content.ReadAsStringAsync(Token));
    }

    private static string InsertPath(string name)
    {
        var query = name.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? name + "/invocations" : $"{name[..query]}/invocations{name[query..]}";
    }
}
