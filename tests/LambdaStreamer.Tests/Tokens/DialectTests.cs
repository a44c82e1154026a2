using System.Globalization;
using System.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

/// <summary>Which object is read as what: the forms that no transcript has, and those that a fixed dialect refuses.</summary>
public class DialectTests
{
    [Theory]
    [InlineData("""{"generated_text":null,"token":{"special":false,"logprob":-1,"text":"a","id":7},"index":1}""", "Token 7 1 [a]")]
    [InlineData("""{"index":1,"token":{"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"id":[7],"text":"a"}}""", "Token 7 1 [a]")]
    [InlineData("""{"token":{"id":[7,8],"text":"ab"}}""", "Token null 2 [ab]")]
    [InlineData("""{"token":{"id":null,"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"id":-1,"text":"","error_msg":null},"generated_text":"a"}""", "Token -1 1 [] last")]
    [InlineData("""{"token":{"text":"a"},"generated_text":"aa"}""", "Token null 1 [a] last")]
    [InlineData("""{"generated_text":"aa","token":{"text":"a"}}""", "Token null 1 [a] last")]
    [InlineData("""{"token":{"text":"a"},"generated_text":null,"details":{"finish_reason":"length"}}""", "Token null 1 [a] last Length")]
    [InlineData("""{"token":{"text":"a"},"details":{"finish_reason":"other"}}""", "Token null 1 [a] last")]
    [InlineData("""{"token":{"text":"a"},"details":"none"}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"text":"a"},"details":{"seed":-1}}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"text":"a"},"details":{"generated_tokens":"3","input_length":[1]}}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"text":"a"},"top_tokens":[[{"id":1}]]}""", "Token null 1 [a]")]
    [InlineData("""{"token":{"text":"a"},"top_tokens":[{"id":1.5}]}""", "Token null 1 [a]")]
    [InlineData("""{"token":null}""", "Unknown")]
    [InlineData("""{"generated_text":"a\n"}""", "Token null 0 [a\n] last")]
    [InlineData("""[{"generated_text":"a","details":{"generated_tokens":3}}]""", "Token null 3 [a] last")]
    [InlineData("""{"generated_text":""}""", "Update null 0 [] last")]
    [InlineData("""[{"generated_text":"a"},{"generated_text":"b"}]""", "Unknown")]
    [InlineData("""[[{"generated_text":"a"}]]""", "Unknown")]
    [InlineData("[]", "Unknown")]
    [InlineData("[1", "Malformed")]
    [InlineData("""[{"generated_text":"a"}""", "Malformed")]
    [InlineData("""{"generated_text":1}""", "Malformed")]
    public void GenerateForm_IsReadAs(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"index":0}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"index":1}]}""", "Update null 0 []")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"finish_reason":""}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"finish_reason":"other"}]}""", "Token null 1 [a] last")]
    [InlineData("""{"choices":[{"delta":{"content":"a","refusal":""}}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":null,"finish_reason":"stop"}]}""", "Update null 0 [] last Stop")]
    [InlineData("""{"choices":[{"finish_reason":"stop"}]}""", "Update null 0 [] last Stop")]
    [InlineData("""{"choices":[{"stop_reason":"x","finish_reason":"stop","text":"a"}]}""", "Token null 1 [a] last StopSequence")]
    [InlineData("""{"choices":[{"stop_reason":128009,"finish_reason":"stop","text":"a"}]}""", "Token null 1 [a] last Stop")]
    [InlineData("""{"choices":[{"stop_reason":"x","finish_reason":"length","text":"a"}]}""", "Token null 1 [a] last Length")]
    [InlineData("""{"choices":[{"text":null,"finish_reason":null}]}""", "Update null 0 []")]
    [InlineData("""{"choices":[{"text":"ab","logprobs":{"token_logprobs":[-1,-2]}}]}""", "Token null 2 [ab]")]
    [InlineData("""{"choices":[{"text":"a","logprobs":{"token_logprobs":[]}}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"text":"a","logprobs":{"content":null}}]}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":{"content":"a","tool_calls":null,"reasoning":null}}],"usage":{}}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[],"prompt_filter_results":[{}]}""", "Update null 0 []")]
    [InlineData("""{"choices":null}""", "Update null 0 []")]
    [InlineData("""{"usage":{"completion_tokens":2}}""", "Update null 0 []")]
    [InlineData("""{"usage":null}""", "Unknown")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":null}]}""", "Token null 0 [a] last")]
    [InlineData("""{"usage":{"completion_tokens":2},"choices":[{"message":{"content":"a"}}]}""", "Token null 2 [a] last")]
    [InlineData("""{"choices":{}}""", "Malformed")]
    [InlineData("""{"choices":["a"]}""", "Malformed")]
    [InlineData("""{"choices":[{"delta":"a"}]}""", "Malformed")]
    [InlineData("""{"choices":[{"delta":{"content":["a"]}}]}""", "Malformed")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":["a"]}}]}""", "Malformed")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"function":{"name":"\ud83d"}}]}}]}""", "Malformed")]
    [InlineData("""{"choices":[{"text":1}]}""", "Malformed")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":1.5,"completion_tokens":{"a":1}}}""", "Update null 0 []")]
    [InlineData("""{"choices":[{"text":"a"}],"usage":{"prompt_tokens":12.0}}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"text":"a","logprobs":{"top_logprobs":[["x"]],"token_logprobs":[-1]}}]}""", "Token null 1 [a]")]
    public void OpenAIForm_IsReadAs(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("""{"outputs":["a"]}""", "Token null 1 [a] body")]
    [InlineData("""{"outputs":["a","\u00e9","b\n"]}""", "Token null 3 [aéb\n] body")]
    [InlineData("""{"outputs":"a"}""", "Token null 1 [a] body")]
    [InlineData("""{"outputs":[""]}""", "Token null 1 [] body")]
    [InlineData("""{"outputs":[]}""", "Update null 0 [] body")]
    [InlineData("""{"outputs":[["a"]]}""", "Malformed")]
    [InlineData("""{"outputs":{}}""", "Malformed")]
    public void OutputsForm_IsReadAs(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData("""{"error":"e\n","error_type":"t"}""", "t null [e\n]")]
    [InlineData("""{"token":{"text":"a"},"generated_text":"a","error":"e"}""", " null [e]")]
    [InlineData("""{"error":"e","choices":[{"delta":{"content":"a"}}]}""", " null [e]")]
    [InlineData("""{"error":{"message":"m","type":"t","param":null,"code":400}}""", "t 400 [m]")]
    [InlineData("""{"error":{"message":"m","type":null,"code":"rate_limit_exceeded"}}""", "rate_limit_exceeded null [m]")]
    [InlineData("""{"error":{"message":"m","code":"c","type":"t"}}""", "t null [m]")]
    [InlineData("""{"error":{"message":"m","http_status_code":424}}""", " 424 [m]")]
    [InlineData("""{"error":{"error_code":400,"error_msg":"m"},"body":{}}""", " 400 [m]")]
    [InlineData("""{"error":"e","error_type":"t\nINFO 1 forged"}""", " null [e]")]
    [InlineData("""{"error":{"message":"m","type":"Not Found","code":"not.found-1"}}""", "not.found-1 null [m]")]
    [InlineData("""{"error":{"message":"m","code":"c","type":"caf\u00e9"}}""", "c null [m]")]
    [InlineData("""{"error":{"reason":1}}""", """ null [{"reason":1}]""")]
    [InlineData("""{"error":""}""", " null []")]
    [InlineData("""{"error":true,"message":"it broke"}""", " null [it broke]")]
    [InlineData("""{"message":"it broke","error":true}""", " null [it broke]")]
    [InlineData("""{"error":true}""", " null []")]
    [InlineData("""{"error":500}""", " 500 [500]")]
    [InlineData("""{"message":"m","error":503}""", " 503 [m]")]
    [InlineData("""{"error":1}""", " null [1]")]
    [InlineData("""{"error":["bad"]}""", """ null [["bad"]]""")]
    [InlineData("""{"code":424,"error":"e"}""", " 424 [e]")]
    [InlineData("""{"error":"e","code":99999999999}""", " null [e]")]
    [InlineData("""{"object":"error","message":"m","type":"t","param":null,"code":40}""", "t null [m]")]
    [InlineData("""{"code":503,"type":"ServiceUnavailableException","message":"m"}""", "ServiceUnavailableException 503 [m]")]
    public void ErrorObject_IsAnErrorWhateverTheDialect(string line, string expected)
    {
        foreach (var dialect in Enum.GetValues<Dialect>())
        {
            using var reader = new TokenReader(dialect);
            Assert.Equal((dialect, expected), (dialect, DescribeError(reader.Read(Encoding.UTF8.GetBytes(line)))));
        }
    }

    [Theory]
    [InlineData("""{"token":{"id":-1,"text":"","error_msg":"m"}}""", " null [m]")]
    [InlineData("""{"details":{"finish_reason":"error"},"token":{"id":-1,"error_msg":"m"}}""", " null [m]")]
    [InlineData("""{"token":{"id":-1,"error_msg":"m"},"details":{"finish_reason":"error"}}""", " null [m]")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}]}""", " null [finish_reason error]")]
    [InlineData("""{"choices":[{"text":"a","finish_reason":"abort"}]}""", " null [finish_reason abort]")]
    public void FailureToldInAToken_IsAnError(string line, string expected)
    {
        using var reader = new TokenReader();
        Assert.Equal(expected, DescribeError(reader.Read(Encoding.UTF8.GetBytes(line))));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":" last words"},"finish_reason":"abort"}]}""", "1 [ last words] []")]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"r"},"finish_reason":"error"}]}""", "1 [] [r]")]
    [InlineData("""{"choices":[{"text":"ab","logprobs":{"token_logprobs":[-1,-2]},"finish_reason":"abort"}]}""", "2 [ab] []")]
    [InlineData("""{"token":{"id":5,"text":"tail"},"generated_text":"x tail","details":{"finish_reason":"error"}}""", "1 [tail] []")]
    [InlineData("""{"error":"e","choices":[{"delta":{"content":"a"}}]}""", "1 [a] []")]
    [InlineData("""{"token":{"id":-1,"text":"","error_msg":"m"}}""", "0 [] []")]
    [InlineData("""{"error":"e","generated_text":"whole"}""", "0 [] []")]
    public void TextThatSharesItsObjectWithAnError_StaysInTheToken(string line, string expected)
    {
        using var reader = new TokenReader();
        var token = reader.Read(Encoding.UTF8.GetBytes(line));
        var (text, reasoning) = (Encoding.UTF8.GetString(token.Text), Encoding.UTF8.GetString(token.Reasoning));
        var count = token.Count.ToString(CultureInfo.InvariantCulture);
        Assert.Equal((TokenKind.Error, expected), (token.Kind, $"{count} [{text}] [{reasoning}]"));
    }

    [Fact]
    public void ToolCallThatSharesItsObjectWithAnError_StaysInTheToken()
    {
        using var reader = new TokenReader();
        var token = reader.Read("""{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f"}}]},"finish_reason":"abort"}]}"""u8);
        Assert.Equal((TokenKind.Error, false), (token.Kind, token.ToolCalls.IsEmpty));
    }

    [Fact]
    public void WholeAnswerWithAnErrorAfterTokens_IsNotToldTwice()
    {
        using var reader = new TokenReader();
        reader.Read("""{"choices":[{"delta":{"content":"a"}}]}"""u8);
        var token = reader.Read("""{"choices":[{"message":{"content":"a"},"finish_reason":"abort"}]}"""u8);
        Assert.Equal((TokenKind.Error, true, 0), (token.Kind, token.Text.IsEmpty, token.Count));
    }

    [Theory]
    [InlineData("""{"error":null,"token":{"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"error":false,"token":{"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"message":"m","code":200}""", "Unknown")]
    [InlineData("""{"message":"m"}""", "Unknown")]
    [InlineData("""{"message":{"content":"a"},"code":400}""", "Unknown")]
    [InlineData("""{"object":"error"}""", "Unknown")]
    [InlineData("""{"error":"","token":{"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"error":""}""", "Token null 1 [a]")]
    [InlineData("""{"error":[],"token":{"text":"a"}}""", "Token null 1 [a]")]
    [InlineData("""{"error":0,"token":{"text":"a"}}""", "Token null 1 [a]")]
    public void WhatOnlyLooksLikeAnError_IsNone(string line, string expected) => Assert.Equal(expected, Read(line));

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 0)]
    public void ErrorType_IsOfLimitedLength(int length, int expected)
    {
        using var reader = new TokenReader();
        var line = $"{{\"error\":\"e\",\"error_type\":\"{new string('t', length)}\"}}";
        Assert.Equal(expected, reader.Read(Encoding.UTF8.GetBytes(line)).ErrorType.Length);
    }

    [Fact]
    public void WholeTextAfterTokens_IsNotToldTwice()
    {
        using var reader = new TokenReader();
        reader.Read("""{"token":{"text":"a"}}"""u8);
        Assert.Equal("Update null 0 [] last", Describe(reader.Read("""{"token":null,"generated_text":"a"}"""u8)));
        Assert.Equal("Update null 0 [] last Stop", Describe(reader.Read(
            """{"choices":[{"message":{"content":"a"},"finish_reason":"stop","logprobs":{"content":[{"logprob":-1}]}}]}"""u8)));
    }

    [Theory]
    [InlineData(Dialect.Generate, """{"token":{"text":"a"}}""")]
    [InlineData(Dialect.Generate, """{"generated_text":"a"}""")]
    [InlineData(Dialect.Chat, """{"choices":[{"delta":{"content":"a"}}]}""")]
    [InlineData(Dialect.Chat, """{"choices":[{"message":{"content":"a"}}],"usage":{}}""")]
    [InlineData(Dialect.Completions, """{"choices":[{"text":"a"}],"usage":{"completion_tokens":1}}""")]
    [InlineData(Dialect.Outputs, """{"outputs":["a"]}""")]
    public void FixedDialect_ReadsItsOwnObjectsOnly(Dialect dialect, string line)
    {
        foreach (var fixedDialect in Enum.GetValues<Dialect>())
        {
            using var reader = new TokenReader(fixedDialect);
            var token = reader.Read(Encoding.UTF8.GetBytes(line));
            var isRead = fixedDialect == Dialect.Recognised || fixedDialect == dialect;
            Assert.Equal((fixedDialect, isRead ? TokenKind.Token : TokenKind.Unknown), (fixedDialect, token.Kind));
            Assert.Equal(isRead ? "a"u8 : default, token.Text);
        }
    }

    [Theory]
    [InlineData(Dialect.Chat)]
    [InlineData(Dialect.Completions)]
    public void FixedOpenAIDialect_ReadsUsageAndFinishReasonOfEither(Dialect dialect)
    {
        using var reader = new TokenReader(dialect);
        Assert.Equal(2, reader.Read("""{"choices":[],"usage":{"completion_tokens":2}}"""u8).GeneratedTokens);
        Assert.True(reader.Read("""{"choices":[{"finish_reason":"stop"}]}"""u8).IsLast);
        Assert.Equal(TokenKind.Update, reader.Read("data: [DONE]"u8).Kind);
        Assert.False(reader.Read("data: [DONE]"u8).IsLast);
    }

    private static string Read(string line)
    {
        using var reader = new TokenReader();
        return Describe(reader.Read(Encoding.UTF8.GetBytes(line)));
    }

    private static string DescribeError(in Token token)
    {
        Assert.True(token is { Kind: TokenKind.Error, IsLast: false });
        var status = token.ErrorStatus?.ToString(CultureInfo.InvariantCulture) ?? "null";
        return $"{Encoding.UTF8.GetString(token.ErrorType)} {status} [{Encoding.UTF8.GetString(token.ErrorMessage)}]";
    }

    private static string Describe(in Token token)
    {
        if (token.Kind is TokenKind.Unknown or TokenKind.Malformed)
        {
            // Neither says anything.
            Assert.True(token.Text.IsEmpty && token is { Count: 0, Id: null, IsLast: false, GeneratedTokens: null });
            return token.Kind.ToString();
        }

        var (id, reason) = (token.Id?.ToString(CultureInfo.InvariantCulture) ?? "null", token.FinishReason);
        var end = (token.IsLast ? " last" : "") + (token.IsEndedByBody ? " body" : "") + (reason == FinishReason.Unknown ? "" : $" {reason}");
        return string.Create(CultureInfo.InvariantCulture, $"{token.Kind} {id} {token.Count} [{Encoding.UTF8.GetString(token.Text)}]{end}");
    }
}
