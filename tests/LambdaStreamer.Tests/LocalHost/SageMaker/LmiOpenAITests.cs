using LambdaStreamer.LocalHost.Models;
using FinishReason = LambdaStreamer.Tokens.FinishReason;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>LMI's JSON lines for chats and completions, as in the transcripts 11 and 84.</summary>
public class LmiOpenAITests
{
    private const string Base = "huggingface-llm-mistral-7b";
    private const string Instruct = "huggingface-llm-mistral-7b-instruct";
    private const string Question = "How do I build a website?";

    [Fact]
    public async Task Chat_HasTheRoleInItsFirstLineAndNoEndMarker()
    {
        Assert.Equal(
            """
            {"id": "chatcmpl-7dc482b055247c", "object": "chat.completion.chunk", "created": 1730000000, "choices": [{"index": 0, "delta": {"content": " Certainly", "role": "assistant"}, "logprobs": null, "finish_reason": null}]}
            {"id": "chatcmpl-7dc482b055247c", "object": "chat.completion.chunk", "created": 1730000000, "choices": [{"index": 0, "delta": {"content": "!"}, "logprobs": null, "finish_reason": "length"}]}
            {"id": "chatcmpl-7dc482b055247c", "object": "chat.completion.chunk", "created": 1730000000, "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}

            """,
            (await AskAsync(
                """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":2,"stream":true,"stream_options":{"include_usage":true}}""")).PayloadText);
    }

    [Fact]
    public async Task ChatWithoutALimit_IsTheModelsWholeText()
    {
        var response = await AskAsync(
            $$"""{"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"{{Question}}"}],"stream":true}""");
        Assert.Equal("application/jsonlines", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.True(ModelCatalogue.TryFind(Instruct, out var model));
        var answer = ReadAnswer.Of(response.PayloadText);
        Assert.Equal(ModelAnswer.VisibleText(model, Question, 2000), answer.Text);
        Assert.Equal((FinishReason.Stop, true), (answer.FinishReason, answer.IsEnded));
        Assert.Equal(answer.Count, response.Frames.Count);
    }

    [Fact]
    public async Task Completions_AreLinesToo()
    {
        Assert.Equal(
            """
            {"id": "cmpl-09243b07b5b922", "object": "text_completion", "created": 1730000000, "choices": [{"index": 0, "text": " The", "logprobs": {"text_offset": [0], "token_logprobs": [-0.4827], "tokens": [" The"], "top_logprobs": [{" The": -0.4827}]}, "finish_reason": null}]}
            {"id": "cmpl-09243b07b5b922", "object": "text_completion", "created": 1730000000, "choices": [{"index": 0, "text": " following", "logprobs": {"text_offset": [4], "token_logprobs": [-0.0285], "tokens": [" following"], "top_logprobs": [{" following": -0.0285}]}, "finish_reason": "length"}]}

            """,
            (await AskAsync("""{"prompt":"Hi","max_tokens":2,"logprobs":0,"stream":true}""", Base)).PayloadText);
    }

    [Fact]
    public async Task StopSequence_IsCut()
    {
        var answer = ReadAnswer.Of((await AskAsync(
            $$"""{"messages":[{"role":"user","content":"{{Question}}"}],"stop":["an be b"],"stream":true}""")).PayloadText);
        Assert.Equal((" Building a website c", FinishReason.Stop), (answer.Text, answer.FinishReason));
    }

    [Fact]
    public async Task Logprobs_AreEscapedToAscii()
    {
        var response = await AskAsync(
            """{"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"const":"富"}}},"logprobs":true,"stream":true}""");
        Assert.Contains(
            """{"content": "\u5bcc"}, "logprobs": {"content": [{"token": "\u5bcc", "logprob": """, response.PayloadText, StringComparison.Ordinal);
        Assert.Equal("\"富\"", ReadAnswer.Of(response.PayloadText).Text);
    }

    [Fact]
    public async Task BufferedToolCall_StandsBesideTheMessage()
    {
        var response = await AskAsync(
            """{"messages":[{"role":"user","content":"get_time"}],"tools":[{"type":"function","function":{"name":"get_time"}}]}""", streams: false);
        Assert.Equal(
            """{"id": "chatcmpl-cabb943720aa20", "object": "chat.completion", "created": 1730000000, "choices": [{"index": 0, "message": {"role": "assistant", "content": null}, "tool_calls": [{"id": "chatcmpl-tool-cabb943720aa20", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}], "logprobs": null, "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}}""",
            response.Text);
    }

    [Theory]
    [InlineData(Base, """[{"role":"user","content":"Hi"}]""", "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.")]
    [InlineData(Instruct, """[{"role":"assistant","content":"Hi"}]""", "Conversation roles must alternate user/assistant/user/assistant/...")]
    [InlineData(Instruct, """[{"role":"user","content":"a"},{"role":"user","content":"b"}]""", "Conversation roles must alternate user/assistant/user/assistant/...")]
    [InlineData(Instruct, """[{"role":"tool","content":"a"}]""", "Only user and assistant roles are supported!")]
    public async Task ChatThatTheTemplateCannotExpress_IsRefused(string modelId, string messages, string message)
    {
        var response = await AskAsync($$"""{"messages":{{messages}},"stream":true}""", modelId);
        Assert.Equal(424, response.Status);
        Assert.Equal($$"""{"error": "{{message}}", "code": 400}""", response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Theory]
    [InlineData("""{"prompt":"Hi","max_tokens":0}""", "max_tokens must be a whole number above 0.")]
    [InlineData("""{"prompt":"Hi","max_tokens":8191}""", "The prompt and max_tokens take 8193 tokens; at most 8192 fit.")]
    public async Task BadRequest_IsRefused(string body, string message) => Assert.Equal(
        $$"""{"error": "{{message}}", "code": 400}""", (await AskAsync(body)).Json.GetProperty("OriginalMessage").GetString());

    private static async Task<WireResponse> AskAsync(string body, string modelId = Instruct, bool streams = true)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        return await (TwinCall.Json(body) with { Endpoint = modelId, Streams = streams }).SendAsync(twin);
    }
}
