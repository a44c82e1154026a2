using LambdaStreamer.LocalHost.Models;
using FinishReason = LambdaStreamer.Tokens.FinishReason;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>OpenAI's completions as TGI 2.4.0 writes them, and which body goes which way.</summary>
public class TgiCompletionsTests
{
    [Fact]
    public async Task Stream_HasTgisWordsAndItsUsageInTheLastChunk()
    {
        Assert.Equal(
            """
            data: {"object":"text_completion","id":"","created":1730000000,"choices":[{"index":0,"text":"\n","logprobs":null,"finish_reason":""}],"model":"/opt/ml/model","system_fingerprint":"2.4.0-sha-0a655a0"}

            data: {"object":"text_completion","id":"","created":1730000000,"model":"/opt/ml/model","system_fingerprint":"2.4.0-sha-0a655a0","choices":[{"index":0,"text":"That","logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4}}

            data: [DONE]


            """,
            (await AskAsync("""{"prompt":"Hi there","max_tokens":2,"stream":true}""")).PayloadText);
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", "</s>")]
    public async Task ModelsEnd_IsShownInTheStream(string modelId, string endToken)
    {
        var response = await AskAsync("""{"prompt":["website"],"max_tokens":1000,"temperature":0,"stream":true}""", modelId);
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        var answer = ReadAnswer.Of(response.PayloadText);
        Assert.Equal(ModelAnswer.VisibleText(model, "website", 1000) + endToken, answer.Text);
        Assert.Equal((FinishReason.EosToken, true), (answer.FinishReason, answer.IsEnded));
        Assert.Equal(1, answer.InputTokens);
    }

    [Fact]
    public async Task Buffered_SaysStopAndLeavesTheEndTokenOut()
    {
        var response = await AskAsync("""{"prompt":"Hi","max_tokens":1000}""", streams: false);
        Assert.EndsWith("\"logprobs\":null,\"finish_reason\":\"stop\"}]", response.Text.Split(",\"usage\"")[0], StringComparison.Ordinal);
        Assert.DoesNotContain("<|endoftext|>", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvalidParameter_IsAnEventBeforeTheEndMarker()
    {
        Assert.Equal(
            """
            data: {"error":"Input validation error: `top_p` must be > 0.0 and < 1.0","error_type":"validation"}

            data: [DONE]


            """,
            (await AskAsync("""{"prompt":"Hi","top_p":2,"stream":true}""")).PayloadText);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"prompt":"Hi","stream":true}""", """{"error":"Template error: template not found","error_type":"template_error"}""")]
    [InlineData("""{"prompt":"Hi","suffix":"!","stream":true}""", """{"error":"Suffix is not supported and can be achieved by preprocessing the prompt.","error_type":"suffix not supported"}""")]
    [InlineData("""{"prompt":["a","b"]}""", """{"error":"Number of prompts exceeds the maximum allowed batch size of 1","error_type":"batch size exceeded"}""")]
    [InlineData("""{"prompt":1}""", "Failed to deserialize the JSON body into the target type: data did not match any variant of untagged enum SagemakerRequest")]
    [InlineData("""{"prompt":"Hi","stop":"a"}""", "Failed to deserialize the JSON body into the target type: data did not match any variant of untagged enum SagemakerRequest")]
    public async Task OtherForms_AreRefusedBeforeTheStream(string body, string message)
    {
        var response = await AskAsync(body);
        Assert.Equal((424, 422), (response.Status, response.Json.GetProperty("OriginalStatusCode").GetInt32()));
        Assert.Equal(message, response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Fact]
    public async Task InputsBesideAPrompt_MakeItAGenerateRequest()
    {
        var response = await AskAsync("""{"inputs":"Hi","prompt":"Hi","parameters":{"max_new_tokens":1},"stream":true}""");
        Assert.StartsWith("data: {\"index\":1,\"token\":{", response.PayloadText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}""")]
    [InlineData("""{"prompt":"Hi","stream":true}""")]
    public async Task BeforeVersion24_InputsAreMissed(string body)
    {
        var response = await AskAsync(body, "huggingface-llm-falcon-40b-instruct-bf16");
        Assert.Equal((424, 422), (response.Status, response.Json.GetProperty("OriginalStatusCode").GetInt32()));
        Assert.Equal(
            "Failed to deserialize the JSON body into the target type: missing field `inputs`",
            response.Json.GetProperty("OriginalMessage").GetString());
    }

    private static async Task<WireResponse> AskAsync(
        string body, string modelId = "huggingface-llm-falcon-7b-instruct-bf16", bool streams = true)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        return await (TwinCall.Json(body) with { Endpoint = modelId, Streams = streams }).SendAsync(twin);
    }
}
