using System.Net;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>The surface through the native binary, from a client's request to a scripted endpoint and back.</summary>
public class EndToEndTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = "\"model\":\"my-model\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Fact]
    public async Task StreamedChat_ReachesTheClientInChunks()
    {
        var asked = "";
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            asked = exchange.Request;
            await AnswerAsync(exchange, "06-tgi-2.4.0-chat-usage.sse");
        });
        await using var function = await StartAsync(sageMaker);
        using var response = await function.PostAsync(
            $$"""{{{Question}},"stream":true,"stream_options":{"include_usage":true},"temperature":0.5}""", path: Chat);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.False(isCut);
        var id = response.Headers.GetValues("x-request-id").Single();
        Assert.StartsWith($$"""data: {"id":"chatcmpl-{{id}}","object":"chat.completion.chunk","created":""", text, StringComparison.Ordinal);
        Assert.Contains("\"model\":\"my-model\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" wor\"}", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "\"choices\":[],\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":5,\"total_tokens\":19}}\n\ndata: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            """{"messages":[{"role":"user","content":"Hi"}],"temperature":0.5,"stream":true,"stream_options":{"include_usage":true}}""",
            asked,
            StringComparison.Ordinal);
        Assert.Empty(function.Lambda.Violations);
    }

    [Fact]
    public async Task ChatThatIsNotStreamed_IsOneObject()
    {
        await using var sageMaker = new ScriptedSageMaker(static exchange => AnswerAsync(exchange, "62-vllm-chat-reasoning.sse"));
        await using var function = await StartAsync(sageMaker);
        using var response = await function.PostAsync($$"""{{{Question}}}""", path: Chat);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.Contains(
            """
            "message":{"role":"assistant","content":"Hi!","refusal":null,"reasoning_content":"They greet me.\n"},"logprobs":null,"finish_reason":"stop"}]
            """,
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopSequenceAndTools_GoToTheContainerAndHoldForTheCaller()
    {
        var asked = "";
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            asked = exchange.Request;
            await AnswerAsync(exchange, "07-tgi-3.3.6-chat-tools.sse");
        });
        await using var function = await StartAsync(sageMaker);
        const string Tools = """[ {"type":"function","function":{"name":"get_weather","parameters":{ }}} ]""";
        using var response = await function.PostAsync($$"""{{{Question}},"tools":{{Tools}},"stop":"x","stream":true}""", path: Chat);
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.Contains(
            "\"tool_calls\":[{\"index\":0,\"id\":\"0\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}]",
            text,
            StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"tool_calls\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"stop\":[\"x\"],\"tools\":{Tools},\"stream\":true", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopSequenceThatTheContainerRunsPast_EndsTheAnswer()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 1; ; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, $"n{i} "));
            }
        });
        await using var function = await StartAsync(sageMaker);
        using var response = await function.PostAsync("""{"prompt":"x","stop":["n3"]}""", path: "/v1/completions");
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.False(isCut);
        Assert.Contains("\"text\":\"n1 n2 \",\"logprobs\":null,\"finish_reason\":\"stop\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("45-tgi-2.4.1-chat-refused.sse", 400, "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"context_length_exceeded\"}}")]
    [InlineData("05-tgi-1.4.0-error-validation.sse", 400, "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"context_length_exceeded\"}}")]
    public async Task FailureBeforeTheFirstToken_HasItsStatus(string transcript, int status, string end)
    {
        await using var sageMaker = new ScriptedSageMaker(exchange => AnswerAsync(exchange, transcript));
        await using var function = await StartAsync(sageMaker);
        using var response = await function.PostAsync($$"""{{{Question}},"stream":true}""", path: Chat);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.EndsWith(end, (await FunctionUnderTest.ReadToEndAsync(response)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailureInMidStream_IsAnErrorEventWithoutAnEnd()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfToken(1, "a"));
            exchange.Reset();
        });
        await using var function = await StartAsync(sageMaker);
        using var response = await function.PostAsync($$"""{{{Question}},"stream":true}""", path: Chat);
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.EndsWith(
            "data: {\"error\":{\"message\":\"The connection to the endpoint broke.\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("\"content\":\"a\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/models/no-such-model", 404, "\"param\":\"model\",\"code\":\"model_not_found\"")]
    [InlineData("GET", "/v1/engines", 404, "\"param\":null,\"code\":\"unknown_url\"")]
    [InlineData("GET", "/v1/chat/completions", 405, "\"param\":null,\"code\":\"method_not_supported\"")]
    [InlineData("DELETE", "/v1/models/my-model", 405, "\"param\":null,\"code\":\"method_not_supported\"")]
    [InlineData("POST", "/v1/chat/completions", 400, "\"message\":\"The request has no body; a JSON object is expected.\"")]
    public async Task RequestThatLeadsNowhere_IsToldInOpenAIsForm(string method, string path, int status, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await StartAsync(sageMaker);
        using var response = await function.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.StartsWith("{\"error\":{\"message\":", text, StringComparison.Ordinal);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Equal(0, sageMaker.Requests);
    }

    [Theory]
    [InlineData("/v1/models", "{\"object\":\"list\",\"data\":[{\"id\":\"my-model\",\"object\":\"model\",\"created\":")]
    [InlineData("/v1/models/my%2Dmodel", "{\"id\":\"my-model\",\"object\":\"model\",\"created\":")]
    public async Task Models_AreListed(string path, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(static _ => Task.CompletedTask);
        await using var function = await StartAsync(sageMaker);
        using var response = await function.SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith(expected, (await FunctionUnderTest.ReadToEndAsync(response)).Text, StringComparison.Ordinal);
    }

    private static Task<FunctionUnderTest> StartAsync(ScriptedSageMaker sageMaker) =>
        FunctionUnderTest.StartAsync(sageMaker.Url, ("MODEL_ID", "my-model"));

    private static async Task AnswerAsync(ScriptedSageMaker.Exchange exchange, string transcript)
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(Parts.OfTranscript(transcript));
        await exchange.EndAsync();
    }
}
