using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary><c>POST /cancel/{id}</c> at a function process that takes several calls at once, and at one that does not.</summary>
public partial class CancelTests
{
    private const string Cancelled = """{"error":"The answer was cancelled.","error_type":"cancelled"}""";

    private const string NotRunning =
        """{"error":"No answer with this id runs in this process: it has ended, or another process of the function relays it.","error_type":"not_found"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/plain", " one two", "\n[error: The answer was cancelled.]\n")]
    [InlineData(
        "text/event-stream",
        "data: {\"index\":1,\"token\":{\"id\":1,\"text\":\" one\",\"logprob\":-0.5,\"special\":false},\"generated_text\":null,\"details\":null}\n\n"
        + "data: {\"index\":2,\"token\":{\"id\":2,\"text\":\" two\",\"logprob\":-0.5,\"special\":false},\"generated_text\":null,\"details\":null}\n\n",
        $"data: {Cancelled}\n\n")]
    [InlineData(
        "application/x-ndjson",
        "{\"text\":\" one\",\"id\":1,\"logprob\":-0.5,\"special\":false}\n{\"text\":\" two\",\"id\":2,\"logprob\":-0.5,\"special\":false}\n",
        $"{Cancelled}\n")]
    public async Task InMidStream_EndsTheAnswerTruthfullyAndClosesTheEndpointsConnection(string accept, string expectedText, string expectedError)
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        var stream = model["question"];
        stream.Begin();
        stream.Say(1, " one");
        stream.Say(2, " two");
        using var response = await AskAsync(function, "question", accept);
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        Assert.Equal(expectedText, await ReadAsync(body, expectedText.Length));

        var id = IdOf(response);
        Assert.Equal((HttpStatusCode.Accepted, $$"""{"cancelled":"{{id}}"}"""), await CancelAsync(function, id));
        Assert.Equal((expectedError, true), await ReadRestAsync(body));
        Assert.True(await stream.Abandoned.WaitAsync(Tool.Patience, Cancellation));

        await WaitForReportAsync(function, id);
        var record = function.Lambda.Invocations.Single(record => record.RequestId == id);
        Assert.Contains(record.Trailers, static trailer => trailer is { Name: "Lambda-Runtime-Function-Error-Type", Value: "Function.Cancelled" });
        Assert.Equal("Function.Cancelled", record.Outcome!.ErrorType);
        Assert.Empty(function.Lambda.Violations);
        function.AssertLogs($"INFO {id} ending=Cancelled side=Client");
    }

    [Theory]
    [InlineData("text/plain", false)]
    [InlineData("text/event-stream", true)]
    [InlineData("application/json", true)]
    public async Task BeforeTheFirstToken_Is409AndClosesTheEndpointsConnection(string accept, bool headersCame)
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        var stream = model["question"];
        if (headersCame)
        {
            stream.Begin();
        }

        var asking = AskAsync(function, "question", accept);
        await stream.Asked.WaitAsync(Tool.Patience, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, (await CancelAsync(function, StartLine().Match(function.Log).Groups[1].Value)).Status);
        using var response = await asking;
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal((Cancelled, false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.True(await stream.Abandoned.WaitAsync(Tool.Patience, Cancellation));
        Assert.Empty(function.Lambda.Violations);
    }

    [Fact]
    public async Task BufferedAnswerWithTokens_Is409WithoutThem()
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        var stream = model["question"];
        stream.Begin();
        stream.Say(1, " one");
        var asking = AskAsync(function, "question", "application/json");
        await stream.Asked.WaitAsync(Tool.Patience, Cancellation);
        await CancelAsync(function, StartLine().Match(function.Log).Groups[1].Value);
        using var response = await asking;
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal((Cancelled, false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Fact]
    public async Task OfOneStream_LeavesTheOthersUntouched()
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        string[] prompts = ["first", "second", "third"];
        var responses = new List<HttpResponseMessage>();
        var bodies = new List<Stream>();
        foreach (var prompt in prompts)
        {
            model[prompt].Begin();
            model[prompt].Say(1, prompt);
            responses.Add(await AskAsync(function, prompt));
            bodies.Add(await responses[^1].Content.ReadAsStreamAsync(Cancellation));
            Assert.Equal(prompt, await ReadAsync(bodies[^1], prompt.Length));
        }

        Assert.Equal(HttpStatusCode.Accepted, (await CancelAsync(function, IdOf(responses[1]))).Status);
        Assert.Equal(("\n[error: The answer was cancelled.]\n", true), await ReadRestAsync(bodies[1]));
        foreach (var i in (int[])[2, 0])
        {
            model[prompts[i]].Say(2, " goes on");
            Assert.Equal(" goes on", await ReadAsync(bodies[i], " goes on".Length));
            model[prompts[i]].End();
            Assert.Equal(("", false), await ReadRestAsync(bodies[i]));
            Assert.False(await model[prompts[i]].Abandoned);
        }

        Assert.True(await model["second"].Abandoned);
        Assert.Single(function.Lambda.ProcessIds);
        Assert.Empty(function.Lambda.Violations);
        responses.ForEach(static response => response.Dispose());
    }

    [Fact]
    public async Task AfterTheEnd_Is404()
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        model["question"].Begin();
        model["question"].Say(1, " one");
        model["question"].End();
        using var response = await AskAsync(function, "question");
        Assert.Equal((" one", false), await FunctionUnderTest.ReadToEndAsync(response));
        await WaitForReportAsync(function, IdOf(response));
        Assert.Equal((HttpStatusCode.NotFound, NotRunning), await CancelAsync(function, IdOf(response)));
    }

    [Fact]
    public async Task SecondTime_Is404OnceTheAnswerHasEnded()
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        model["question"].Begin();
        model["question"].Say(1, " one");
        using var response = await AskAsync(function, "question");
        Assert.Equal(HttpStatusCode.Accepted, (await CancelAsync(function, IdOf(response))).Status);
        Assert.Equal((" one\n[error: The answer was cancelled.]\n", true), await FunctionUnderTest.ReadToEndAsync(response));

        // A poll does not say which of the two calls it follows: only after both has the answer's own loop polled.
        await TwoReportsAsync(function);
        Assert.Equal((HttpStatusCode.NotFound, NotRunning), await CancelAsync(function, IdOf(response)));
    }

    [Fact]
    public async Task WithAProcessForEachCall_Is404AndTheAnswerGoesOn()
    {
        await using var model = new SteppedModel();
        await using var function = await FunctionUnderTest.StartAsync(model.Url, static options => options with { MaxProcesses = 2 });
        model["question"].Begin();
        model["question"].Say(1, " one");
        using var response = await AskAsync(function, "question");
        Assert.Equal((HttpStatusCode.NotFound, NotRunning), await CancelAsync(function, IdOf(response)));
        model["question"].Say(2, " two");
        model["question"].End();
        Assert.Equal((" one two", false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Theory]
    [InlineData("GET", "/cancel/8476a536-e9f4-11e8-9739-2dfe598c3fcd", 405, """{"error":"/cancel/ takes POST.","error_type":"validation"}""")]
    [InlineData("DELETE", "/cancel/", 405, """{"error":"/cancel/ takes POST.","error_type":"validation"}""")]
    [InlineData("POST", "/cancel/8476a536-e9f4-11e8-9739-2dfe598c3fcd", 404, NotRunning)]
    [InlineData("POST", "/cancel/", 400, """{"error":"The id must be the x-request-id of an answer, a UUID.","error_type":"validation"}""")]
    [InlineData("POST", "/cancel/me", 400, """{"error":"The id must be the x-request-id of an answer, a UUID.","error_type":"validation"}""")]
    [InlineData("POST", "/cancel/8476a536-e9f4-11e8-9739-2dfe598c3fcd/x", 400, """{"error":"The id must be the x-request-id of an answer, a UUID.","error_type":"validation"}""")]
    public async Task RequestThatNamesNoRunningAnswer_IsRefused(string method, string path, int expectedStatus, string expectedBody)
    {
        await using var model = new SteppedModel();
        await using var function = await StartAsync(model);
        using var response = await function.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(expectedStatus, (int)response.StatusCode);
        Assert.Equal((expectedBody, false), await FunctionUnderTest.ReadToEndAsync(response));
        Assert.Equal(expectedStatus == 405 ? ["POST"] : [], response.Content.Headers.Allow);
        Assert.Empty(function.Lambda.Violations);
    }

    private static Task<FunctionUnderTest> StartAsync(SteppedModel model) =>
        FunctionUnderTest.StartAsync(model.Url, static options => options with { MaxConcurrency = 4 });

    private static Task<HttpResponseMessage> AskAsync(FunctionUnderTest function, string prompt, string accept = "text/plain") =>
        function.PostAsync($$"""{"inputs":"{{prompt}}"}""", accept);

    private static string IdOf(HttpResponseMessage response) => response.Headers.GetValues("x-request-id").Single();

    private static async Task<(HttpStatusCode Status, string Body)> CancelAsync(FunctionUnderTest function, string id)
    {
        using var response = await function.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/cancel/{id}"));
        return (response.StatusCode, (await FunctionUnderTest.ReadToEndAsync(response)).Text);
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        var buffer = new byte[length];
        await body.ReadExactlyAsync(buffer, Cancellation).AsTask().WaitAsync(Tool.Patience, Cancellation);
        return Encoding.UTF8.GetString(buffer);
    }

    private static async Task<(string Text, bool IsCut)> ReadRestAsync(Stream body)
    {
        var rest = new MemoryStream();
        try
        {
            await body.CopyToAsync(rest, Cancellation).WaitAsync(Tool.Patience, Cancellation);
            return (Encoding.UTF8.GetString(rest.ToArray()), false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (Encoding.UTF8.GetString(rest.ToArray()), true);
        }
    }

    /// <summary>Lambda's REPORT line is written when the function has polled again, and so is done with the call.</summary>
    private static async Task WaitForReportAsync(FunctionUnderTest function, string id) => await EventuallyAsync(
        () => function.Log.Contains($"REPORT RequestId: {id}", StringComparison.Ordinal));

    private static async Task TwoReportsAsync(FunctionUnderTest function) => await EventuallyAsync(
        () => function.Log.Split("REPORT RequestId: ").Length == 3);

    private static Task EventuallyAsync(Func<bool> condition) => LocalHost.RuntimeApi.TwinUnderTest.EventuallyAsync(condition);

    [GeneratedRegex("START RequestId: ([0-9a-f-]{36}) ")]
    private static partial Regex StartLine();
}
