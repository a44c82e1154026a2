using System.Text;
using LambdaStreamer.Generate;

namespace LambdaStreamer.Tests.Generate;

public class GenerateRequestTests
{
    [Theory]
    [InlineData("""{"inputs":"hi","parameters":{"max_new_tokens":256},"stream":true}""", true, """{"inputs":"hi","parameters":{"max_new_tokens":256,"return_full_text":false},"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters":{}}""", null, """{"inputs":"hi","parameters":{"return_full_text":false},"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters": { "seed":1 , "a":{"return_full_text":true} } }""", null, """{"inputs":"hi","parameters":{"seed":1 , "a":{"return_full_text":true},"return_full_text":false},"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters":{"return_full_text": null,"seed":1}}""", null, """{"inputs":"hi","parameters":{"return_full_text": false,"seed":1},"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters":{"return_full_text":true}}""", null, """{"inputs":"hi","parameters":{"return_full_text":true},"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters":{"return_full_text":false}}""", null, """{"inputs":"hi","parameters":{"return_full_text":false},"stream":true}""")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stop":"x"}""", null, """{"messages":[{"role":"user","content":"hi"}],"stop":"x","stream":true}""")]
    [InlineData("""{"prompt":"hi","max_tokens":7}""", null, """{"prompt":"hi","max_tokens":7,"stream":true}""")]
    [InlineData("""{"inputs":"hi"}""", null, """{"inputs":"hi","stream":true}""")]
    [InlineData("""{"stream":false,"inputs":"hi"}""", false, """{"inputs":"hi","stream":true}""")]
    [InlineData("""{"stream":null,"inputs":"hi"}""", null, """{"inputs":"hi","stream":true}""")]
    [InlineData("""{ "inputs" : "h\u00e9" , "other": [1, {"stream": 1}] }""", null, """{"inputs" : "h\u00e9","other": [1, {"stream": 1}],"stream":true}""")]
    [InlineData("""{"inputs":"hi","parameters":null}""", null, """{"inputs":"hi","parameters":null,"stream":true}""")]
    [InlineData("\uFEFF{\"inputs\":\"hi\"}", null, """{"inputs":"hi","stream":true}""")]
    public void Request_IsPassedOnAsWrittenButAlwaysAsksForAStream(string body, bool? stream, string expected)
    {
        Assert.True(GenerateRequest.TryParse(Encoding.UTF8.GetBytes(body), EndpointApi.Both, out var request, out _));
        using (request)
        {
            Assert.Equal(stream, request.Stream);
            Assert.Equal(expected, Encoding.UTF8.GetString(request.EndpointBody.Span));
        }
    }

    [Theory]
    [InlineData("""{"inputs":"hi"}""", false)]
    [InlineData("""{"inputs":"hi","parameters":{"details":true}}""", true)]
    [InlineData("""{"inputs":"hi","parameters":{"x":{"details":true},"details":false}}""", false)]
    [InlineData("""{"inputs":"hi","details":true}""", false)]
    public void Details_AreAskedForInTheParameters(string body, bool expected)
    {
        Assert.True(GenerateRequest.TryParse(Encoding.UTF8.GetBytes(body), EndpointApi.Both, out var request, out _));
        using (request)
        {
            Assert.Equal(expected, request.Details);
        }
    }

    [Theory]
    [InlineData("""{"inputs":"hi"}""", "", null, "")]
    [InlineData("""{"inputs":"hi","parameters":{"stop":["a","\u3002"],"max_new_tokens":5}}""", "a|。", 5, "")]
    [InlineData("""{"inputs":"hi","parameters":{"stop_sequences":["a"],"max_new_tokens":0}}""", "a", null, "")]
    [InlineData("""{"messages":[],"stop":"a","max_completion_tokens":9}""", "a", 9, "")]
    [InlineData("""{"prompt":"x","stop":["a",1,["b"],"c"],"max_tokens":1e3}""", "a|c", null, "")]
    [InlineData("""{"inputs":"h\u00e9","parameters":{"return_full_text":true,"stop":null,"max_new_tokens":"5"}}""", "", null, "hé")]
    public void WhatTheRelayMustKnow_IsReadFromTheRequest(string body, string stop, int? maxNewTokens, string textBefore)
    {
        Assert.True(GenerateRequest.TryParse(Encoding.UTF8.GetBytes(body), EndpointApi.Both, out var request, out _));
        using (request)
        {
            Assert.Equal(stop, string.Join('|', request.Stop));
            Assert.Equal(maxNewTokens, request.MaxNewTokens);
            Assert.Equal(textBefore, request.TextBefore);
        }
    }

    [Theory]
    [InlineData("", "The request has no body; JSON with \"inputs\" is expected.")]
    [InlineData("inputs=hi", "The body is not valid JSON (line 1, byte 1).")]
    [InlineData("{\"inputs\":\"hi\"", "The body is not valid JSON (line 1, byte 15).")]
    [InlineData("{\"inputs\":\"hi\"}x", "The body is not valid JSON (line 1, byte 16).")]
    [InlineData("{\"inputs\":\n\"hi\",}", "The body is not valid JSON (line 2, byte 6).")]
    [InlineData("{\"\\ud83d\":1}", "The body is not valid JSON (a name or a string is not Unicode text).")]
    [InlineData("[]", "The body must be a JSON object.")]
    [InlineData("\"inputs\"", "The body must be a JSON object.")]
    [InlineData("{}", "\"inputs\" is missing.")]
    [InlineData("""{"inputs":null}""", "\"inputs\" must be a string.")]
    [InlineData("""{"inputs":["a"]}""", "\"inputs\" must be a string.")]
    [InlineData("""{"inputs":"a","stream":"yes"}""", "\"stream\" must be true or false.")]
    [InlineData("""{"inputs":"a","stream":1}""", "\"stream\" must be true or false.")]
    [InlineData("""{"inputs":"a","parameters":[]}""", "\"parameters\" must be an object.")]
    [InlineData("""{"inputs":"a","parameters":"{}"}""", "\"parameters\" must be an object.")]
    public void BadRequest_IsToldWhatIsWrong(string body, string expected)
    {
        Assert.False(GenerateRequest.TryParse(Encoding.UTF8.GetBytes(body), EndpointApi.Both, out _, out var problem));
        Assert.Equal(expected, problem);
    }
}
