using System.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

public class TokenReaderTests
{
    [Fact]
    public void TokenEvent_HasAllItsMembers()
    {
        using var reader = new TokenReader();
        var token = reader.Read(
            """
            data: {"index":3,"token":{"id":9,"text":"\u201cq\u201d\n","logprob":-1.25e-3,"special":true},"top_tokens":[{"id":1}],"generated_text":"a\"b","details":{"finish_reason":"length","generated_tokens":3,"seed":18446744073709551615,"input_length":11}}
            """u8);
        Assert.Equal(TokenKind.Token, token.Kind);
        Assert.Equal(9, token.Id);
        Assert.Equal("“q”\n"u8, token.Text);
        Assert.Equal("-1.25e-3"u8, token.Logprob);
        Assert.True(token.IsSpecial);
        Assert.False(token.TopTokens.IsEmpty);
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
    [InlineData("data: {\"token\":", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":\"a\"}}{\"token\":", TokenKind.Malformed)]
    [InlineData("data: {\"token\":\"a\"}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":1}}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"text\":\"\\ud83d\"}}", TokenKind.Malformed)]
    [InlineData("data: {\"token\":{\"id\":99999999999999999999}}", TokenKind.Malformed)]
    [InlineData("data: {\"details\":{\"generated_tokens\":-1.5},\"token\":{}}", TokenKind.Malformed)]
    [InlineData("data: <html>", TokenKind.Malformed)]
    public void Line_IsOfItsKind(string line, TokenKind kind)
    {
        using var reader = new TokenReader();
        Assert.Equal(kind, reader.Read(Encoding.UTF8.GetBytes(line)).Kind);
    }

    [Fact]
    public void TwoEscapedStringsInOneLine_BothStayReadable()
    {
        using var reader = new TokenReader();
        var token = reader.Read("{\"error\":\"\\u0041\\n\",\"error_type\":\"\\u0042\\n\"}"u8);
        Assert.Equal("A\n"u8, token.ErrorMessage);
        Assert.Equal("B\n"u8, token.ErrorType);
    }

    [Fact]
    public void Tokens_AllocateNothing()
    {
        using var reader = new TokenReader();
        var lines = Encoding.UTF8.GetString(Transcripts.Read("03-tgi-2.4.0-generate-keepalive-stop.sse"))
            .Split('\n').Append("data: {\"token\":{\"text\":\"\\n\\u00e9\"}}").Select(Encoding.UTF8.GetBytes).ToArray();
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (var line in lines)
            {
                reader.Read(line);
            }
        }));
    }
}
