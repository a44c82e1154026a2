using System.Text;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Pipeline;

/// <summary>Where an answer ends, and that nothing is lost before it, added behind it, or told of it that was not so.</summary>
public class EndOfAnswerTests
{
    private const string Hello = "data:{\"token\":{\"id\":1,\"text\":\"Hello \"}}\n\n";

    [Theory]
    [InlineData("")]
    [InlineData("data:{\"token\":{\"id\":3,\"text\":\" more\"}}\n\n")]
    [InlineData("data:{\"error\":\"CUDA out of memory\",\"error_type\":\"generation\"}\n\n")]
    public void AnswerThatItsCallersStopSequenceEnded_IsWholeWhateverFollows(string rest)
    {
        var outcome = Run(Hello + "data:{\"token\":{\"id\":2,\"text\":\"STOP\"}}\n\n" + rest, MediaType.Text, "STOP");
        Assert.Equal((null, "Hello "), (outcome.Error, outcome.Answer));
    }

    [Fact]
    public void ChatAnswer_HasAsManyTokensAsItsModelMade() => Assert.Equal(
        """
        {"text":"Hi","id":null,"logprob":null,"special":false}
        {"finish_reason":"stop","generated_tokens":1,"input_tokens":9,"counted":false}

        """,
        Run(
            """
            data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}

            data: [DONE]


            """,
            MediaType.Ndjson).Answer);

    [Theory]
    [InlineData("ab", "a", "aba")]
    [InlineData("xa", "ya", "aba")]
    public void TokensBehindTheEndMarker_AreNoPartOfTheAnswer(string last, string behind, string stop)
    {
        var outcome = Run(
            $"data:{{\"token\":{{\"id\":1,\"text\":\"{last}\"}},\"generated_text\":\"{last}\"}}\n\n"
            + $"data:{{\"token\":{{\"id\":2,\"text\":\"{behind}\"}},\"generated_text\":\"{behind}\"}}\n\n"
            + "data:{\"token\":{\"id\":3,\"text\":\"!\"}}\n\n",
            MediaType.Text,
            stop);
        Assert.Equal((null, last), (outcome.Error, outcome.Answer));
    }

    [Fact]
    public void WholeLineBeforeAFault_IsTakenThoughItsLineEndIsMissing()
    {
        var damaged = Frame("x"u8.ToArray());
        damaged[^1] ^= 1;
        byte[] stream = [.. Frame(Encoding.UTF8.GetBytes(Hello + "data:{\"token\":{\"id\":2,\"text\":\"there\"}}")), .. damaged];
        var outcome = Middle.Run([stream], MediaType.Text);
        Assert.Equal(Ending.FrameInvalid, outcome.Error);
        Assert.StartsWith("Hello there\n[error: ", outcome.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void WholeTextBehindAnUnknownLine_IsAnAnswer()
    {
        var outcome = Run("{\"status\":\"warm\"}\n{\"generated_text\":\"Hi\"}\n", MediaType.Text);
        Assert.Equal((null, "Hi"), (outcome.Error, outcome.Answer));
    }

    [Fact]
    public void WholeText_LosesItsSpecialTokensToo()
    {
        var rules = new AnswerRules { Markup = ModelMarkup.Of("huggingface-llm-mistral-7b-instruct") };
        var outcome = Middle.Run([Frame("{\"generated_text\":\"Hi</s>\"}\n"u8.ToArray())], MediaType.Text, rules);
        Assert.Equal((null, "Hi"), (outcome.Error, outcome.Answer));
    }

    [Theory]
    [InlineData(MediaType.EventStream)]
    [InlineData(MediaType.Ndjson)]
    [InlineData(MediaType.Json)]
    public void NothingFromTheStopSequenceOn_IsToldBesideTheText(MediaType format)
    {
        var outcome = Run(
            Hello
            + "data:{\"token\":{\"id\":2,\"text\":\"STOP\"},\"top_tokens\":[{\"id\":2,\"text\":\"secret\",\"logprob\":-1,\"special\":false}]}\n\n"
            + "data:{\"token\":{\"id\":3,\"text\":\"secret\"},\"top_tokens\":[{\"id\":2,\"text\":\"secret\"}],\"generated_text\":\"secret\"}\n\n",
            format,
            "STOP");
        Assert.Null(outcome.Error);
        Assert.Contains("Hello ", outcome.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", outcome.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("STOP", outcome.Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: [DONE]\n\n", "")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: [DONE]\n\n", "Hel")]
    public void EndOfTheStreamWithoutAFinishReason_IsNoEndOfTheAnswer(string body, string text)
    {
        var outcome = Run(body, MediaType.Text);
        Assert.Equal((Ending.ModelEndMissing, text), (outcome.Error, outcome.Tokens));
    }

    [Fact]
    public void EmptyAnswerBehindAnUnknownLine_IsAnAnswer() => Assert.Null(Run(
        "{\"type\":\"ping\"}\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        MediaType.Text).Error);

    [Fact]
    public void TextBeforeAToolCall_IsToldBeforeIt()
    {
        var outcome = Run(
            """
            data: {"choices":[{"index":0,"delta":{"content":"hi ST"}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}


            """,
            MediaType.Ndjson,
            "STOP");
        Assert.Null(outcome.Error);
        Assert.True(
            outcome.Answer.IndexOf("\"ST\"", StringComparison.Ordinal) is > 0 and var text
            && text < outcome.Answer.IndexOf("tool_calls", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MediaType.Text)]
    [InlineData(MediaType.EventStream)]
    [InlineData(MediaType.Ndjson)]
    public void LastTokenThatDoesNotFit_LeavesNoSuccess(MediaType format)
    {
        var last = new string('x', 4000);
        var outcome = Middle.Run(
            [Frame(Encoding.UTF8.GetBytes(Hello + $"data:{{\"token\":{{\"id\":2,\"text\":\"{last}\"}},\"generated_text\":\"Hello {last}\"}}\n\n"))],
            format,
            room: 1000);
        Assert.Equal(Ending.ResponseLimitReached, outcome.Error);
        Assert.Contains("Hello ", outcome.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", outcome.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsOwnType_IsToldOnlyIfItIsOne()
    {
        var forged = Run("data:{\"error\":\"It broke.\",\"error_type\":\"arn:aws:x:123456789012\\nERROR forged\"}\n\n", MediaType.Ndjson);
        Assert.Equal("{\"error\":\"It broke.\",\"error_type\":\"generation\"}\n", forged.Answer);
    }

    [Fact]
    public void ErrorWithAStackTrace_TellsItsCause()
    {
        var frames = string.Concat(Enumerable.Range(1, 40).Select(
            static i => $"  File \\\"/opt/conda/lib/python3.11/site-packages/server/model{i}.py\\\", line {i}, in forward\\n    return self.layer(x)\\n"));
        var outcome = Run(
            "data:{\"error\":\"Request failed during generation: Server error: Traceback (most recent call last):\\n" + frames
            + "torch.cuda.OutOfMemoryError: CUDA out of memory\",\"error_type\":\"generation\"}\n\n",
            MediaType.Ndjson);
        Assert.Contains("CUDA out of memory", outcome.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("/opt/", outcome.Answer, StringComparison.Ordinal);
    }

    private static Middle.Outcome Run(string body, MediaType format, params string[] stops)
    {
        Assert.True(StopSequences.TryCreate(stops, out var sequences, out _));
        return Middle.Run([Frame(Encoding.UTF8.GetBytes(body))], format, new AnswerRules { Stops = sequences });
    }

    private static byte[] Frame(byte[] payload)
    {
        using var stream = new ByteBuffer();
        FrameEncoder.WriteEvent(stream, "PayloadPart"u8, "application/octet-stream"u8, payload);
        return stream.Unread.ToArray();
    }
}
