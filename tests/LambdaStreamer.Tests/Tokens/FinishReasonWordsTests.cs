using System.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

public class FinishReasonWordsTests
{
    [Theory]
    [InlineData("eos_token", FinishReason.EosToken, "eos_token")]
    [InlineData("stop_sequence", FinishReason.StopSequence, "stop_sequence")]
    [InlineData("length", FinishReason.Length, "length")]
    [InlineData("stop", FinishReason.Stop, "stop")]
    [InlineData("tool_calls", FinishReason.ToolCalls, "tool_calls")]
    [InlineData("function_call", FinishReason.ToolCalls, "tool_calls")]
    [InlineData("content_filter", FinishReason.ContentFilter, "content_filter")]
    [InlineData("Length", FinishReason.Unknown, null)]
    [InlineData("error", FinishReason.Unknown, null)]
    [InlineData("", FinishReason.Unknown, null)]
    public void Word_IsItsReasonAndBack(string word, FinishReason reason, string? formatted)
    {
        Assert.Equal(reason, FinishReasonWords.Parse(Encoding.UTF8.GetBytes(word)));
        Assert.Equal(formatted, FinishReasonWords.Format(reason));
    }
}
