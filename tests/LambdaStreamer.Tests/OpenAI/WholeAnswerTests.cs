namespace LambdaStreamer.Tests.OpenAI;

/// <summary>Literal answers that are not streamed, and completions' chunks.</summary>
public class WholeAnswerTests
{
    private const string Chat = "{\"id\":\"chatcmpl-r-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":";
    private const string Completion = "{\"id\":\"cmpl-r-1\",\"object\":\"text_completion\",\"created\":1700000000,\"model\":\"m\",\"choices\":[";

    [Theory]
    [InlineData("06-tgi-2.4.0-chat-usage.sse", """{"role":"assistant","content":"Hello, world","refusal":null}""", "stop", 14, 5)]
    [InlineData("12-vllm-chat.sse", """{"role":"assistant","content":"Hi!","refusal":null,"reasoning_content":"They greet me."}""", "stop", 0, 3)]
    [InlineData("83-vllm-buffered-chat.json", """{"role":"assistant","content":"Hi \"you\"","refusal":null,"reasoning_content":"They greet me."}""", "stop", 14, 6)]
    [InlineData(
        "07-tgi-3.3.6-chat-tools.sse",
        """{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"0","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Oslo\"}"}}]}""",
        "tool_calls",
        0,
        4)]
    [InlineData(
        "43-tgi-3.1.1-chat-tool-object.sse",
        """{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_r-1_0","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Malmö\"}"}}]}""",
        "tool_calls",
        0,
        3)]
    [InlineData("56-lmi-0.34-chat.sse", """{"role":"assistant","content":"Oh hi","refusal":null}""", "length", 6, 2)]
    public void ChatThatIsNotStreamed_IsOneObject(string transcript, string message, string finishReason, int promptTokens, int tokens) =>
        Assert.Equal(
            $"{Chat}{message},\"logprobs\":null,\"finish_reason\":\"{finishReason}\"}}],{Usage(promptTokens, tokens)}",
            AnswerOf.Run(transcript, "chat"));

    [Theory]
    [InlineData("01-tgi-1.1.0-generate.sse", " Amazon SageMaker is a service.", "stop", 0, 8)]
    [InlineData("85-vllm-buffered-completions.json", " the end", "length", 3, 2)]
    public void CompletionThatIsNotStreamed_IsOneObject(string transcript, string text, string finishReason, int promptTokens, int tokens) =>
        Assert.Equal(
            $"{Completion}{{\"index\":0,\"text\":\"{text}\",\"logprobs\":null,\"finish_reason\":\"{finishReason}\"}}],{Usage(promptTokens, tokens)}",
            AnswerOf.Run(transcript, "completion"));

    [Fact]
    public void CompletionStream_IsATextATokenThenOneFinishReason() =>
        Assert.Equal(
            string.Concat(
                Chunk(" the", "null"), Chunk(" end of", "null"), Chunk(" it", "null"), Chunk(".", "null"), Chunk("", "\"stop\""),
                $"data: {Completion}],{Usage(3, 5)}\n\n",
                "data: [DONE]\n\n"),
            AnswerOf.Run("63-vllm-completions-logprobs.sse", "completion stream", AnswerOf.Head with { IncludesUsage = true }));

    [Theory]
    [InlineData("chat")]
    [InlineData("completion")]
    public void BrokenAnswerThatIsNotStreamed_IsAnErrorAlone(string form) =>
        Assert.Equal(
            """{"error":{"message":"The model's answer ended without its end marker: it may be cut.","type":"server_error","param":null,"code":null}}""",
            AnswerOf.Run("37-tgi-2.4.0-generate-cut.sse", form));

    private static string Chunk(string text, string finishReason) =>
        $"data: {Completion}{{\"index\":0,\"text\":\"{text}\",\"logprobs\":null,\"finish_reason\":{finishReason}}}],\"usage\":null}}\n\n";

    private static string Usage(int promptTokens, int tokens) =>
        $"\"usage\":{{\"prompt_tokens\":{promptTokens},\"completion_tokens\":{tokens},\"total_tokens\":{promptTokens + tokens}}}}}";
}
