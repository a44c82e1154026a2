using System.Text;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>Literal streams of chat chunks, for what containers of each dialect wrote.</summary>
public class ChatStreamTests
{
    private const string Prefix = "{\"id\":\"chatcmpl-r-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":[";
    private const string Role = "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}";

    /// <summary>The choices after the role's.</summary>
    public static TheoryData<string, string[]> Deltas => new()
    {
        { "03-tgi-2.4.0-generate-keepalive-stop.sse", [.. Texts("Hi", " there", " “friend”", "!", "\\n", "User", ":"), Finish("stop")] },
        { "09-lmi-rolling-batch.jsonlines", [.. Texts("Deep ", "learning", " is", " fun"), Finish("length")] },
        { "32-tgi-2.0.4-generate-top-tokens.sse", [.. Texts("Hi"), Finish("stop")] },
        { "57-lmi-outputs.jsonlines", [.. Texts("Deep ", "learning", " is \\\"fun\\\"\\nny!"), Finish("stop")] },
        { "06-tgi-2.4.0-chat-usage.sse", [.. Texts("Hello", ",", " wor", "ld"), Finish("stop")] },
        { "42-tgi-2.3.1-chat-stop-sequence.sse", [.. Texts("One", " two", " three"), Finish("stop")] },
        { "56-lmi-0.34-chat.sse", [.. Texts("Oh", " hi"), Finish("length")] },
        { "69-openai-chat-refusal.sse", [.. Texts("I can't", " help."), Finish("content_filter")] },
        {
            "62-vllm-chat-reasoning.sse",
            [Delta("\"reasoning_content\":\"They \""), Delta("\"reasoning_content\":\"greet\""), Delta("\"reasoning_content\":\" me.\\n\""), .. Texts("Hi", "!"), Finish("stop")]
        },
        {
            "07-tgi-3.3.6-chat-tools.sse",
            [
                Delta(Tool("\"index\":0,\"id\":\"0\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}")),
                Delta(Tool("\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\"\"}")),
                Delta(Tool("\"index\":0,\"function\":{\"arguments\":\": \\\"Os\"}")),
                Delta(Tool("\"index\":0,\"function\":{\"arguments\":\"lo\\\"}\"}")),
                Finish("tool_calls"),
            ]
        },
        {
            "43-tgi-3.1.1-chat-tool-object.sse",
            [
                Delta(Tool("\"index\":0,\"id\":\"call_r-1_0\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}")),
                Delta(Tool("\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}")),
                Delta(Tool("\"index\":0,\"function\":{\"arguments\":\" \\\"Malmö\\\"}\"}")),
                Finish("tool_calls"),
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Deltas))]
    public void Stream_IsTheRoleThenADeltaATokenThenOneFinishReason(string transcript, string[] choices) =>
        Assert.Equal(Stream([Role, .. choices], "]}\n\n") + "data: [DONE]\n\n", AnswerOf.Run(transcript, "chat stream"));

    [Fact]
    public void UsageThatWasAskedFor_IsNullUntilAChunkOfItsOwn() =>
        Assert.Equal(
            Stream([Role, .. Texts("Hello", ",", " wor", "ld"), Finish("stop")], "],\"usage\":null}\n\n")
                + $"data: {Prefix}],\"usage\":{{\"prompt_tokens\":14,\"completion_tokens\":5,\"total_tokens\":19}}}}\n\ndata: [DONE]\n\n",
            AnswerOf.Run("06-tgi-2.4.0-chat-usage.sse", "chat stream", AnswerOf.Head with { IncludesUsage = true }));

    [Fact]
    public void PromptLengthThatNobodyTold_IsZero() =>
        Assert.Contains(
            "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":2,\"total_tokens\":2}}\n\n",
            AnswerOf.Run("41-tgi-2.1.1-chat.sse", "chat stream", AnswerOf.Head with { IncludesUsage = true }));

    [Fact]
    public void StopSequence_IsCutAndEndsTheAnswer() =>
        Assert.Equal(
            Stream([Role, .. Texts("Hi", " there", " “friend”", "!"), Finish("stop")], "]}\n\n") + "data: [DONE]\n\n",
            AnswerOf.Run("03-tgi-2.4.0-generate-keepalive-stop.sse", "chat stream", head: null, "\nUser:"));

    [Theory]
    [InlineData("04-tgi-2.4.0-error-midstream.sse", "Request failed during generation: Server error: CUDA out of memory")]
    [InlineData("08-tgi-3.3.6-chat-error.sse", "Request failed during generation: ")]
    [InlineData("64-vllm-chat-error.sse", "EngineCore")]
    [InlineData("37-tgi-2.4.0-generate-cut.sse", "The model's answer ended without its end marker: it may be cut.")]
    public void AnswerThatBroke_EndsWithAnErrorAndNothingElse(string transcript, string message)
    {
        var answer = AnswerOf.Run(transcript, "chat stream");
        Assert.StartsWith("data: " + Prefix + Role, answer, StringComparison.Ordinal);
        var last = answer[answer.LastIndexOf("data: ", StringComparison.Ordinal)..];
        Assert.StartsWith($$"""data: {"error":{"message":"{{message}}""", last, StringComparison.Ordinal);
        Assert.EndsWith(",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n", last, StringComparison.Ordinal);
        Assert.DoesNotContain("\"finish_reason\":\"", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelThatSaysNothing_StillHasARoleAndAnEnd()
    {
        var reads = (byte[][])[AnswerOf.Frames(["data: {\"token\":{\"id\":2,\"text\":\"</s>\",\"special\":true},\"generated_text\":\"\"}\n\n"u8.ToArray()])];
        Assert.Equal(
            (Stream([Role, Finish("stop")], "]}\n\n") + "data: [DONE]\n\n", (Ending?)null),
            (AnswerOf.Run(reads, "chat stream", AnswerOf.Head) is var outcome ? outcome.Answer : "", outcome.Error));
    }

    [Fact]
    public void NothingIsWrittenAheadOfTheFirstTokenThatShows()
    {
        using var answer = new ChatChunkAnswer(AnswerOf.Head);
        using var output = new ByteBuffer();
        answer.WriteToken(new() { IsSpecial = true, Text = "<s>"u8, Count = 1 }, output);
        answer.WriteToken(new() { Count = 1 }, output);
        Assert.Equal(0, output.Length);
        answer.WriteToken(new() { Text = "a"u8, Count = 1 }, output);
        Assert.Equal(Stream([Role, .. Texts("a")], "]}\n\n"), Encoding.UTF8.GetString(output.Unread));
        Assert.Equal(": ping\n"u8, answer.KeepAlive);
    }

    private static string Stream(string[] choices, string end) =>
        string.Concat(choices.Select(choice => $"data: {Prefix}{choice}{end}"));

    private static string[] Texts(params string[] texts) => [.. texts.Select(static text => Delta($"\"content\":\"{text}\""))];

    private static string Delta(string members) => $$"""{"index":0,"delta":{{{members}}},"logprobs":null,"finish_reason":null}""";

    private static string Tool(string members) => $$"""
        "tool_calls":[{{{members}}}]
        """;

    private static string Finish(string reason) => $$"""{"index":0,"delta":{},"logprobs":null,"finish_reason":"{{reason}}"}""";
}
