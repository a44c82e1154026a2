using System.Text.Json;

namespace LambdaStreamer.Tests.OpenAI;

public class LogprobTests
{
    [Fact]
    public void Logprobs_ComeWithTheTextTheyAreAbout() =>
        Assert.Equal(
            [
                """{"content":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[{"token":"A","logprob":-0.5,"bytes":[65]},{"token":"\"B","logprob":-1.25,"bytes":[34,66]}]}],"refusal":null}""",
                """{"content":[{"token":" b","logprob":-0.75,"bytes":[32,98],"top_logprobs":[{"token":" b","logprob":-0.75,"bytes":[32,98]},{"token":" c","logprob":-2,"bytes":[32,99]}]}],"refusal":null}""",
            ],
            Of(AnswerOf.Run("44-tgi-3.3.6-chat-logprobs-usage.sse", "chat stream", AnswerOf.Head with { TopLogprobs = 5 })));

    [Fact]
    public void LikeliestTokens_AreAsManyAsWereAskedFor() =>
        Assert.Equal(
            [
                """{"content":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[]}],"refusal":null}""",
                """{"content":[{"token":" b","logprob":-0.75,"bytes":[32,98],"top_logprobs":[]}],"refusal":null}""",
            ],
            Of(AnswerOf.Run("44-tgi-3.3.6-chat-logprobs-usage.sse", "chat stream", AnswerOf.Head with { TopLogprobs = 0 })));

    [Theory]
    [InlineData("chat stream", "\"token\":\"")]
    [InlineData("chat", "\"token\":\"")]
    [InlineData("completion stream", "\"tokens\":[\"")]
    [InlineData("completion", "\"tokens\":[\"")]
    public void TokenThatAStopSequenceAte_TellsNoLogprob(string form, string begin)
    {
        // "!" ends inside the token that brings "!\nUs", which is held and then cut.
        var reads = Tokens(("Hi", -1), (" there", -2), ("!\nUs", -3), ("er: no", -4));
        var answer = AnswerOf.Run(reads, form, AnswerOf.Head with { TopLogprobs = 0 }, "\nUser:").Answer;
        Assert.Contains(begin, answer, StringComparison.Ordinal);
        Assert.Contains("-2", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("-3", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("-4", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Us", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void TokensThatWereHeldBack_TellTheirLogprobsOnceTheyAreShown()
    {
        var reads = Tokens(("Hi", -1), ("\n", -2), ("Us", -3), ("!", -4));
        Assert.Equal(
            [
                """{"content":[{"token":"Hi","logprob":-1,"bytes":[72,105],"top_logprobs":[]}],"refusal":null}""",
                """{"content":[{"token":"\n","logprob":-2,"bytes":[10],"top_logprobs":[]},{"token":"Us","logprob":-3,"bytes":[85,115],"top_logprobs":[]},{"token":"!","logprob":-4,"bytes":[33],"top_logprobs":[]}],"refusal":null}""",
            ],
            Of(AnswerOf.Run(reads, "chat stream", AnswerOf.Head with { TopLogprobs = 0 }, "\nUser:").Answer));
    }

    [Fact]
    public void TokensThatAreHeldToTheEnd_TellTheirLogprobsThen()
    {
        var reads = Tokens(("Hi", -1), ("\n", -2), ("Us", -3));
        Assert.Equal(
            """{"content":[{"token":"\n","logprob":-2,"bytes":[10],"top_logprobs":[]},{"token":"Us","logprob":-3,"bytes":[85,115],"top_logprobs":[]}],"refusal":null}""",
            Of(AnswerOf.Run(reads, "chat stream", AnswerOf.Head with { TopLogprobs = 0 }, "\nUser:").Answer)[^1]);
    }

    [Fact]
    public void CompletionLogprobs_AreColumnsWithOffsetsInCharacters()
    {
        var answer = AnswerOf.Run(Tokens(("富士", -1), (" a", -2), ("b", -3)), "completion", AnswerOf.Head with { TopLogprobs = 0 }).Answer;
        Assert.Contains(
            """logprobs":{"tokens":["富士"," a","b"],"token_logprobs":[-1,-2,-3],"text_offset":[0,2,4]},""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void CompletionChunks_HaveTheirOwnColumns() =>
        Assert.Equal(
            [
                """{"tokens":[" the"],"token_logprobs":[-0.5],"top_logprobs":[{" the":-0.5," \"a\"":-1.75}],"text_offset":[0]}""",
            ],
            Of(AnswerOf.Run("63-vllm-completions-logprobs.sse", "completion stream", AnswerOf.Head with { TopLogprobs = 5 })));

    /// <summary>The logprobs of each chunk that has some.</summary>
    private static string[] Of(string stream) =>
    [
        .. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(static frame => frame.StartsWith("data: {", StringComparison.Ordinal))
            .Select(static frame => JsonDocument.Parse(frame["data: ".Length..]).RootElement.GetProperty("choices"))
            .Where(static choices => choices.GetArrayLength() > 0)
            .Select(static choices => choices[0].GetProperty("logprobs").GetRawText())
            .Where(static logprobs => logprobs != "null"),
    ];

    private static byte[][] Tokens(params (string Text, int Logprob)[] tokens) =>
    [
        .. tokens.Select(static token => AnswerOf.Frames([JsonSerializer.SerializeToUtf8Bytes(
            new { token = new { id = 1, text = token.Text, logprob = token.Logprob, special = false } }), "\n"u8.ToArray()])),
        AnswerOf.Frames(["{\"token\":{\"id\":2,\"text\":\"</s>\",\"logprob\":-9,\"special\":true},\"generated_text\":\"x\"}\n"u8.ToArray()]),
    ];
}
