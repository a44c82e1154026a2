using System.Globalization;
using System.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

public class TokenReaderTests
{
    public static TheoryData<string> Bodies => Transcripts.Bodies;

    [Fact]
    public void TokenEvent_HasAllItsMembers()
    {
        using var reader = new TokenReader();
        var token = reader.Read(
            """
            data: {"index":3,"token":{"id":9,"text":"\u201cq\u201d\n","logprob":-1.25e-3,"special":true},"top_tokens":[{"id":1,"text":"\u0041","logprob":-2,"special":true},{"id":2}],"generated_text":"a\"b","details":{"finish_reason":"length","generated_tokens":3,"seed":18446744073709551615,"input_length":11}}
            """u8);
        Assert.Equal(TokenKind.Token, token.Kind);
        Assert.Equal(9, token.Id);
        Assert.Equal("“q”\n"u8, token.Text);
        Assert.Equal("-1.25e-3"u8, token.Logprob);
        Assert.True(token.IsSpecial);
        AssertTopTokens(token.TopTokens, "1 A -2 True", "2   False");
        Assert.True(token.IsLast);
        Assert.Equal("\"a\\\"b\""u8, token.GeneratedText);
        Assert.Equal(FinishReason.Length, token.FinishReason);
        Assert.Equal(3, token.GeneratedTokens);
        Assert.Equal(ulong.MaxValue, token.Seed);
        Assert.Equal(11, token.InputTokens);
    }

    [Theory]
    [InlineData("", TokenKind.None)]
    [InlineData(":", TokenKind.None)]
    [InlineData(": ping", TokenKind.None)]
    [InlineData("event: error", TokenKind.None)]
    [InlineData("id: 1", TokenKind.None)]
    [InlineData("data:", TokenKind.None)]
    [InlineData("data: ", TokenKind.None)]
    [InlineData("data:{\"token\":{\"text\":\"a\"}}", TokenKind.Token)]
    [InlineData("data: {\"token\":{\"text\":\"a\"}}", TokenKind.Token)]
    [InlineData("{\"token\":{\"text\":\"a\"}}", TokenKind.Token)]
    [InlineData("data:   {\"token\":{\"text\":\"a\"}}  ", TokenKind.Token)]
    [InlineData("data: {\"token\":{\"text\":null,\"logprob\":null}}", TokenKind.Token)]
    [InlineData("data: {\"error\":\"e\"}", TokenKind.Error)]
    [InlineData("data: {\"error_type\":\"t\",\"error\":\"e\"}", TokenKind.Error)]
    [InlineData("data: {\"something\":\"else\"}", TokenKind.Unknown)]
    [InlineData("data: [1]", TokenKind.Unknown)]
    [InlineData("data: 1", TokenKind.Unknown)]
    [InlineData("data: null", TokenKind.Unknown)]
    [InlineData("\"text\"", TokenKind.Unknown)]
    [InlineData("data: [DONE]", TokenKind.Update)]
    [InlineData("data:[DONE]", TokenKind.Update)]
    [InlineData("[DONE] ", TokenKind.Update)]
    [InlineData("data:  [DONE]\t", TokenKind.Update)]
    [InlineData(" [DONE]\r", TokenKind.Update)]
    [InlineData("data:  ", TokenKind.None)]
    [InlineData("data: \t\r", TokenKind.None)]
    [InlineData("\uFEFFdata: {\"token\":{\"text\":\"a\"}}", TokenKind.Token)]
    [InlineData("\uFEFF", TokenKind.None)]
    [InlineData("  ", TokenKind.None)]
    [InlineData(" {\"token\":{\"text\":\"a\"}}", TokenKind.Token)]
    [InlineData("data", TokenKind.None)]
    [InlineData("retry: 100", TokenKind.None)]
    [InlineData("ident", TokenKind.Malformed)]
    [InlineData("Internal Server Error", TokenKind.Malformed)]
    [InlineData("[DONE", TokenKind.Malformed)]
    [InlineData("data: {\"token\":", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":\"a\"}}{\"token\":", TokenKind.Malformed)]
    [InlineData("data: {\"token\":\"a\"}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":1}}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":\"\\ud83d\"}}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"id\":99999999999999999999}}", TokenKind.Malformed)]
    [InlineData("data: {\"details\":{\"generated_tokens\":-1.5},\"token\":{}}", TokenKind.Token)]
    [InlineData("data: <html>", TokenKind.Malformed)]
    public void Line_IsOfItsKind(string line, TokenKind kind)
    {
        using var reader = new TokenReader();
        Assert.Equal(kind, reader.Read(Encoding.UTF8.GetBytes(line)).Kind);
    }

    [Theory]
    [InlineData("""{"token":{"id":5,"text":"a","log_prob":NaN}}""", "a")]
    [InlineData("""data: {"token":{"id":5,"text":"a","log_prob":-Infinity},"top_tokens":[{"id":1,"logprob":Infinity}]}""", "a")]
    [InlineData("""{"token":{"id":-5,"text":"\"NaN\\\" Infinity\u00e9","log_prob":NaN}}""", "\"NaN\\\" Infinity\u00e9")]
    public void FloatThatIsNoNumber_CountsAsUntold(string line, string text)
    {
        using var reader = new TokenReader();
        var token = reader.Read(Encoding.UTF8.GetBytes(line));
        Assert.Equal((TokenKind.Token, text, 0), (token.Kind, Encoding.UTF8.GetString(token.Text), token.Logprob.Length));
    }

    [Theory]
    [InlineData("NaN of it")]
    [InlineData("""{"token":{"text":"a NaN","log_prob":-}}""")]
    [InlineData("""{"token":{"text":"a","log_prob":NaN}""")]
    [InlineData("""{"log_prob":NaN,"token":{"text":"a\""")]
    public void LineThatIsNoJsonWithoutThemEither_IsMalformed(string line)
    {
        using var reader = new TokenReader();
        Assert.Equal(TokenKind.Malformed, reader.Read(Encoding.UTF8.GetBytes(line)).Kind);
        Assert.Equal(TokenKind.Token, reader.Read("""{"token":{"text":"next"}}"""u8).Kind);
    }

    [Fact]
    public void TwoEscapedStringsInOneLine_BothStayReadable()
    {
        using var reader = new TokenReader();
        var token = reader.Read("{\"error\":\"\\u0041\\n\",\"error_type\":\"\\u0042\\u002e\"}"u8);
        Assert.Equal("A\n"u8, token.ErrorMessage);
        Assert.Equal("B."u8, token.ErrorType);
    }

    [Fact]
    public void TopTokensOfCompletions_AreReadFromTheirDictionary()
    {
        using var reader = new TokenReader();
        var token = reader.Read(
            """{"choices":[{"logprobs":{"top_logprobs":[{"\n":-1,"b":null}],"token_logprobs":[-1.5]},"text":"\n"}]}"""u8);
        Assert.Equal("-1.5"u8, token.Logprob);
        AssertTopTokens(token.TopTokens, "null \n -1 False", "null b  False");
        AssertTopTokens(token.TopTokens, "null \n -1 False", "null b  False");
        Assert.Equal("\n"u8, token.Text);
    }

    [Theory]
    [InlineData("""[{"id":1,"function":{"arguments":{"a":[1]},"name":"f"}},{"function":{"name":"g"}}]""", "0 1 f {\"a\":[1]}", "1  g ")]
    [InlineData("""[{"index":3,"id":null,"type":"function","function":{"name":null,"arguments":"\""}}]""", "3   \"")]
    [InlineData("""{"function":null}""", "0   ")]
    [InlineData("[]")]
    [InlineData("null")]
    public void ToolCalls_AreReadFromEveryForm(string toolCalls, params string[] expected)
    {
        using var reader = new TokenReader();
        var token = reader.Read(Encoding.UTF8.GetBytes("{\"choices\":[{\"delta\":{\"tool_calls\":" + toolCalls + "}}]}"));
        Assert.Equal(expected.Length == 0, token.ToolCalls.IsEmpty);
        var pieces = new List<string>();
        foreach (var piece in token.ToolCalls)
        {
            var (id, name) = (Encoding.UTF8.GetString(piece.Id), Encoding.UTF8.GetString(piece.Name));
            var arguments = Encoding.UTF8.GetString(piece.Arguments);
            pieces.Add(string.Create(CultureInfo.InvariantCulture, $"{piece.Index} {id} {name} {arguments}"));
        }

        Assert.Equal(expected, pieces);
    }

    [Fact]
    public void ObjectNestedTooDeep_IsMalformed()
    {
        using var reader = new TokenReader();
        var deep = $"{{\"token\":{{\"text\":\"a\"}},\"x\":{new string('[', 1000)}{new string(']', 1000)}}}";
        Assert.Equal(TokenKind.Malformed, reader.Read(Encoding.UTF8.GetBytes(deep)).Kind);
    }

    [Fact]
    public void LongLine_TakesAtMostTwiceItsLength()
    {
        var line = Encoding.UTF8.GetBytes($"{{\"token\":{{\"text\":\"{string.Concat(Enumerable.Repeat("\\u00e9\\n", 300_000))}\"}}}}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = new TokenReader();
        Assert.Equal(300_000 * 3, reader.Read(line).Text.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * line.Length) + 1024);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Lines_AllocateNothing(string file)
    {
        using var reader = new TokenReader();
        var lines = Encoding.UTF8.GetString(Transcripts.Read(file)).Split('\n').Select(Encoding.UTF8.GetBytes).ToArray();
        var bytes = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (var line in lines)
            {
                var token = reader.Read(line);
                bytes += token.Text.Length;
                foreach (var top in token.TopTokens)
                {
                    bytes += top.Text.Length;
                }

                foreach (var piece in token.ToolCalls)
                {
                    bytes += piece.Arguments.Length;
                }
            }
        }));
    }

    private static void AssertTopTokens(TopTokens topTokens, params string[] expected)
    {
        var read = new List<string>();
        foreach (var top in topTokens)
        {
            var id = top.Id?.ToString(CultureInfo.InvariantCulture) ?? "null";
            read.Add($"{id} {Encoding.UTF8.GetString(top.Text)} {Encoding.UTF8.GetString(top.Logprob)} {top.IsSpecial}");
        }

        Assert.Equal(expected, read);
    }
}
