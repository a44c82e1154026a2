using System.Text.Json;
using LambdaStreamer.LocalHost.Models;
using FinishReason = LambdaStreamer.Tokens.FinishReason;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>vLLM's own server: OpenAI's forms as in the transcripts 12, 60 to 64, 67, 83 and 85.</summary>
public class VllmTests
{
    private const string Question = "How do I build a website?";

    public static TheoryData<string> InstructedModels => [.. ModelCatalogue.All
        .Select(model => model.Id)
        .Where(id => id.Contains("instruct", StringComparison.Ordinal) || id.Contains("chat", StringComparison.Ordinal))];

    [Fact]
    public async Task Chat_OpensWithTheRoleAndEndsWithDone()
    {
        Assert.Equal(
            """
            data: {"id":"chatcmpl-115d2a75a3bbe0","object":"chat.completion.chunk","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

            data: {"id":"chatcmpl-115d2a75a3bbe0","object":"chat.completion.chunk","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"delta":{"content":"\n"},"logprobs":null,"finish_reason":null}]}

            data: {"id":"chatcmpl-115d2a75a3bbe0","object":"chat.completion.chunk","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"delta":{"content":"That"},"logprobs":null,"finish_reason":"length","stop_reason":null}]}

            data: [DONE]


            """,
            (await AskAsync("""{"messages":[{"role":"user","content":"Hi"}],"max_tokens":2,"stream":true}""")).PayloadText);
    }

    [Theory]
    [MemberData(nameof(InstructedModels))]
    public async Task ChatWithoutALimit_IsTheModelsWholeText(string modelId)
    {
        var response = await AskAsync(
            $$$"""{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"{{{Question}}}"}]}],"stream":true,"stream_options":{"include_usage":true}}""",
            modelId);
        Assert.Equal("text/event-stream; charset=utf-8", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        var answer = ReadAnswer.Of(response.PayloadText);
        Assert.Equal(ModelAnswer.VisibleText(model with { Container = ContainerKind.Vllm }, Question, 2000), answer.Text);
        Assert.Equal((FinishReason.Stop, true), (answer.FinishReason, answer.IsEnded));

        // Pieces of a character and the end token are tokens that show nothing.
        Assert.True(answer.GeneratedTokens > answer.Count);
        Assert.True(answer.InputTokens > 0);
    }

    [Fact]
    public async Task BaseModel_HasNoTemplateForAChat()
    {
        var (status, error) = await RefusedAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""", "huggingface-llm-falcon-40b-bf16");
        Assert.Equal(400, status);
        Assert.StartsWith("As of transformers v4.44, default chat template is no longer allowed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_TellLogprobsAndUsage()
    {
        Assert.Equal(
            """
            data: {"id":"cmpl-09243b07b5b922","object":"text_completion","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"text":"\n","logprobs":{"text_offset":[0],"token_logprobs":[-0.0312],"tokens":["\n"],"top_logprobs":[{"\n":-0.0312,"That":-1.2812}]},"finish_reason":null,"stop_reason":null}],"usage":{"prompt_tokens":1,"total_tokens":2,"completion_tokens":1}}

            data: {"id":"cmpl-09243b07b5b922","object":"text_completion","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"text":"That","logprobs":{"text_offset":[1],"token_logprobs":[-0.0113],"tokens":["That"],"top_logprobs":[{"That":-0.0113,"\n":-1.2613}]},"finish_reason":"length","stop_reason":null}],"usage":{"prompt_tokens":1,"total_tokens":3,"completion_tokens":2}}

            data: {"id":"cmpl-09243b07b5b922","object":"text_completion","created":1730000000,"model":"/opt/ml/model","choices":[],"usage":{"prompt_tokens":1,"total_tokens":3,"completion_tokens":2}}

            data: [DONE]


            """,
            (await AskAsync(
                """{"prompt":"Hi","max_tokens":2,"stream":true,"logprobs":2,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}""")).PayloadText);
    }

    [Fact]
    public async Task CompletionsWithoutALimit_AreSixteenTokens()
    {
        var body = (await AskAsync($$"""{"prompt":"{{Question}}","stream":true}""", "huggingface-llm-mistral-7b")).PayloadText;
        Assert.Equal(16, ReadAnswer.Of(body).Count);
        Assert.EndsWith(""","finish_reason":"length","stop_reason":null}],"usage":null}""" + "\n\ndata: [DONE]\n\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logprobs_NameBytesAndAlternatives()
    {
        var body = (await AskAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1,"stream":true,"logprobs":true,"top_logprobs":1,"seed":7}""",
            "huggingface-llm-mistral-7b-instruct")).PayloadText;
        Assert.Contains(
            ""","choices":[{"index":0,"delta":{"content":" Certainly"},"logprobs":{"content":[{"token":" Certainly","logprob":-0.734,"bytes":[32,67,101,114,116,97,105,110,108,121],"top_logprobs":[{"token":" Certainly","logprob":-0.734,"bytes":[32,67,101,114,116,97,105,110,108,121]}]}]},"finish_reason":"length","stop_reason":null}]}""",
            body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task PieceOfACharacter_ShowsNothingAndIsNamedByItsByte()
    {
        var response = await AskAsync(
            """{"messages":[{"role":"user","content":"website"}],"max_tokens":40,"stream":true,"logprobs":true}""",
            "huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16");

        // An emoji, in four bytes.
        foreach (var name in new[] { "<0xF0>", "<0x9F>", "<0x8E>" })
        {
            Assert.Contains($$"""{"content":""},"logprobs":{"content":[{"token":"{{name}}",""", response.PayloadText, StringComparison.Ordinal);
        }

        Assert.Contains(
            """{"content":"🎯"},"logprobs":{"content":[{"token":"<0xAF>",""", response.PayloadText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"question\"")]
    [InlineData("""["nowhere","question"]""")]
    public async Task StopSequence_IsCutAndNamed(string stop)
    {
        var body = (await AskAsync($$"""{"messages":[{"role":"user","content":"Hi"}],"stop":{{stop}},"stream":true}""")).PayloadText;
        Assert.Equal("\nThat is a good ", ReadAnswer.Of(body).Text);
        Assert.EndsWith(
            """{"content":" a good "},"logprobs":null,"finish_reason":"stop","stop_reason":"question"}]}""" + "\n\ndata: [DONE]\n\n",
            body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task SameRequest_HasTheSameBytesAndAnotherSeedOthers()
    {
        static string Body(int seed) =>
            $$"""{"messages":[{"role":"user","content":"Hi"}],"max_tokens":5,"logprobs":true,"seed":{{seed}},"stream":true}""";
        var first = (await AskAsync(Body(1))).PayloadText;
        Assert.Equal(first, (await AskAsync(Body(1))).PayloadText);
        Assert.NotEqual(first, (await AskAsync(Body(2))).PayloadText);
    }

    [Theory]
    [InlineData("\"reasoning_effort\":\"low\"")]
    [InlineData("\"reasoning\":{}")]
    [InlineData("\"chat_template_kwargs\":{\"enable_thinking\":true}")]
    public async Task Reasoning_ComesBeforeTheAnswer(string asked)
    {
        var body = (await AskAsync($$"""{"messages":[{"role":"user","content":"Hi"}],"max_tokens":20,{{asked}},"stream":true}""")).PayloadText;
        var answer = ReadAnswer.Of(body);
        Assert.Equal("The user wants to know how this is done. I will say it step by step.\n", answer.Reasoning);
        Assert.Equal("\n", answer.Text);
        Assert.Equal((20, FinishReason.Length), (answer.Count, answer.FinishReason));
        Assert.Contains("""{"index":0,"delta":{"reasoning_content":" user"},"logprobs":null,""", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"json_object"}""", """{"answer": "text"}""")]
    [InlineData(
        """{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"n":{"type":"integer","minimum":3},"s":{"type":["string","null"]},"o":{"$ref":"#/$defs/o"}},"required":["n","o"],"$defs":{"o":{"anyOf":[{"type":"array","items":{"type":"boolean"},"minItems":2}]}}}}}""",
        """{"n": 3, "o": [true, true]}""")]
    [InlineData(
        """{"type":"json_schema","json_schema":{"schema":{"properties":{"s":{"type":"string","minLength":6},"t":{"type":"string","maxLength":2},"x":{"type":"number","exclusiveMinimum":2},"c":{"const":null},"d":{"default":[]}}}}}""",
        """{"s": "text..", "t": "te", "x": 3, "c": null, "d": []}""")]
    [InlineData("""{"type":"text"}""", "\nThat")]
    public async Task ResponseFormat_IsObeyed(string format, string expected)
    {
        var limit = expected == "\nThat" ? ",\"max_tokens\":2" : "";
        var body = $$"""{"messages":[{"role":"user","content":"Hi"}],"response_format":{{format}}{{limit}},"stream":true}""";
        Assert.Equal(expected, ReadAnswer.Of((await AskAsync(body)).PayloadText).Text);
    }

    [Fact]
    public async Task SchemaThatRefersToItself_HasAnEnd()
    {
        var text = ReadAnswer.Of((await AskAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"properties":{"a":{"$ref":"#"}}}}},"stream":true}""")).PayloadText).Text;
        Assert.Equal("""{"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": null}}}}}}}}""", text);
    }

    [Fact]
    public async Task SchemaThatGrowsWithoutBound_MakesAThousandValuesAtMost()
    {
        var response = await AskAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":5,"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"array","minItems":99999999,"items":{"$ref":"#"}}}},"stream":true}""");
        Assert.Equal(5, ReadAnswer.Of(response.PayloadText).Count);
    }

    [Fact]
    public async Task Buffered_IsOneObject()
    {
        var response = await AskAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":21,"reasoning_effort":"low"}""", streams: false);
        Assert.Equal("application/json", response.Headers["Content-Type"]);
        Assert.Equal(
            """{"id":"chatcmpl-115d2a75a3bbe0","object":"chat.completion","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"message":{"role":"assistant","content":"\nThat","reasoning_content":"The user wants to know how this is done. I will say it step by step.\n","tool_calls":[]},"logprobs":null,"finish_reason":"length","stop_reason":null}],"usage":{"prompt_tokens":27,"total_tokens":48,"completion_tokens":21}}""",
            response.Text);
    }

    [Fact]
    public async Task BufferedCompletions_AreOneObject()
    {
        Assert.Equal(
            """{"id":"cmpl-09243b07b5b922","object":"text_completion","created":1730000000,"model":"/opt/ml/model","choices":[{"index":0,"text":"\nThat","logprobs":null,"finish_reason":"length","stop_reason":null}],"usage":{"prompt_tokens":1,"total_tokens":3,"completion_tokens":2}}""",
            (await AskAsync("""{"prompt":"Hi","max_tokens":2}""", streams: false)).Text);
    }

    [Theory]
    [InlineData("""{"inputs":"Hi"}""", 400, "BadRequestError", null, "Cannot find suitable handler for request. Expected one of: ['ChatCompletionRequest', 'CompletionRequest']")]
    [InlineData("""{"prompt":"Hi","model":"gpt-4"}""", 404, "NotFoundError", "model", "The model `gpt-4` does not exist.")]
    [InlineData("""{"prompt":"Hi","max_tokens":0}""", 400, "BadRequestError", "max_tokens", "max_tokens must be at least 1, got 0.")]
    [InlineData("""{"prompt":"Hi","max_tokens":2048}""", 400, "BadRequestError", null, "This model's maximum context length is 2048 tokens. However, you requested 2049 tokens (1 in the messages, 2048 in the completion). Please reduce the length of the messages or completion.")]
    [InlineData("""{"prompt":"Hi","temperature":-1}""", 400, "BadRequestError", "temperature", "temperature must be non-negative.")]
    [InlineData("""{"prompt":"Hi","n":2}""", 400, "BadRequestError", "n", "The twin makes one choice: n must be 1.")]
    [InlineData("""{"prompt":"Hi","stop":[""]}""", 400, "BadRequestError", "stop", "stop cannot contain an empty string.")]
    [InlineData("""{"messages":[]}""", 400, "BadRequestError", "messages", "There must be at least one message.")]
    [InlineData("""{"messages":[{"role":"narrator","content":"Hi"}]}""", 400, "BadRequestError", "messages", "There is no role 'narrator'.")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", 400, "BadRequestError", "messages", "The model takes text only.")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"top_logprobs":2}""", 400, "BadRequestError", "top_logprobs", "when using `top_logprobs`, `logprobs` must be set to true.")]
    public async Task BadRequest_IsRefusedInItsOwnShape(string body, int status, string type, string? param, string message)
    {
        var response = await AskAsync(body);
        Assert.Equal(424, response.Status);
        Assert.Equal(status, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        var quotedParam = param is null ? "null" : $"\"{param}\"";
        Assert.Equal(
            $$$"""{"error":{"message":"{{{message}}}","type":"{{{type}}}","param":{{{quotedParam}}},"code":{{{status}}}}}""",
            response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Fact]
    public async Task NoJson_IsRefused()
    {
        var (status, error) = await RefusedAsync("Hi");
        Assert.Equal(400, status);
        Assert.StartsWith("JSON decode error: ", error, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string? Message)> RefusedAsync(string body, string modelId = "huggingface-llm-falcon-7b-instruct-bf16")
    {
        var response = await AskAsync(body, modelId);
        Assert.Equal(424, response.Status);
        using var error = JsonDocument.Parse(response.Json.GetProperty("OriginalMessage").GetString()!);
        return (
            response.Json.GetProperty("OriginalStatusCode").GetInt32(),
            error.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    private static async Task<WireResponse> AskAsync(
        string body, string modelId = "huggingface-llm-falcon-7b-instruct-bf16", bool streams = true)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = true });
        return await (TwinCall.Json(body) with { Endpoint = modelId, Streams = streams }).SendAsync(twin);
    }
}
