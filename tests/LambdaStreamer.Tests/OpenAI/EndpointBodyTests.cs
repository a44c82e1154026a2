using System.Text;
using System.Text.Json;
using LambdaStreamer.OpenAI;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>What a container is sent for each parameter, in either form.</summary>
public class EndpointBodyTests
{
    private const string Messages = """[{"role":"user","content":"Hi"}]""";

    /// <summary>A member of the chat request, what becomes of it on the messages API, and on TGI's generate.</summary>
    public static TheoryData<string, string, string> ChatParameters => new()
    {
        { "", "", "\"do_sample\":true" },
        { "\"temperature\":null", "", "\"do_sample\":true" },
        { "\"temperature\":0.70", "\"temperature\":0.70,", "\"do_sample\":true,\"temperature\":0.70" },
        { "\"temperature\":0", "\"temperature\":0,", "\"do_sample\":false" },
        { "\"temperature\":0.0,\"top_p\":0.5", "\"temperature\":0.0,\"top_p\":0.5,", "\"do_sample\":false,\"top_p\":0.5" },
        { "\"top_p\":1", "", "\"do_sample\":true" },
        { "\"top_p\":1.0", "", "\"do_sample\":true" },
        { "\"top_p\":0", "\"temperature\":0,", "\"do_sample\":false" },
        { "\"top_p\":0.9", "\"top_p\":0.9,", "\"do_sample\":true,\"top_p\":0.9" },
        { "\"frequency_penalty\":0.5", "\"frequency_penalty\":0.5,", "\"do_sample\":true,\"frequency_penalty\":0.5" },
        { "\"frequency_penalty\":0", "\"frequency_penalty\":0,", "\"do_sample\":true" },
        { "\"presence_penalty\":0", "\"presence_penalty\":0,", "\"do_sample\":true" },
        { "\"seed\":42", "\"seed\":42,", "\"do_sample\":true,\"seed\":42" },
        { "\"seed\":0", "\"seed\":9223372036854775807,", "\"do_sample\":true,\"seed\":9223372036854775807" },
        { "\"seed\":-1", "\"seed\":9223372036854775807,", "\"do_sample\":true,\"seed\":9223372036854775807" },
        { "\"seed\":-9223372036854775807", "\"seed\":1,", "\"do_sample\":true,\"seed\":1" },
        { "\"max_tokens\":7", "\"max_tokens\":7,", "\"do_sample\":true,\"max_new_tokens\":7" },
        { "\"max_completion_tokens\":8", "\"max_tokens\":8,", "\"do_sample\":true,\"max_new_tokens\":8" },
        { "\"max_tokens\":7,\"max_completion_tokens\":8", "\"max_tokens\":8,", "\"do_sample\":true,\"max_new_tokens\":8" },
        { "\"stop\":\"富\"", "\"stop\":[\"富\"],", "\"do_sample\":true,\"stop\":[\"富\"]" },
        { "\"stop\":[\"a\",\"\",\"b\"]", "\"stop\":[\"a\",\"b\"],", "\"do_sample\":true,\"stop\":[\"a\",\"b\"]" },
        { "\"stop\":[]", "", "\"do_sample\":true" },
        { "\"stop\":null", "", "\"do_sample\":true" },
        { "\"logprobs\":true", "\"logprobs\":true,\"top_logprobs\":0,", "\"do_sample\":true" },
        { "\"logprobs\":true,\"top_logprobs\":5", "\"logprobs\":true,\"top_logprobs\":5,", "\"do_sample\":true,\"top_n_tokens\":5" },
        { "\"logprobs\":false,\"top_logprobs\":0", "", "\"do_sample\":true" },
        { "\"response_format\":{\"type\":\"text\"}", "", "\"do_sample\":true" },
        {
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\": \"object\"}}}",
            "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\": \"object\"}}},",
            "\"do_sample\":true,\"grammar\":{\"type\":\"json\",\"value\":{\"type\": \"object\"}}"
        },
        { "\"tools\":[]", "", "\"do_sample\":true" },
        {
            "\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"none\"",
            "\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"none\",",
            "\"do_sample\":true"
        },
        { "\"tool_choice\":\"auto\"", "\"tool_choice\":\"auto\",", "\"do_sample\":true" },
        { "\"parallel_tool_calls\":false", "\"parallel_tool_calls\":false,", "\"do_sample\":true" },
        { "\"reasoning_effort\":\"low\"", "\"reasoning_effort\":\"low\",", "\"do_sample\":true" },
        { "\"model\":\"m\",\"n\":1,\"logit_bias\":{},\"functions\":[]", "", "\"do_sample\":true" },
        {
            "\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"store\":true,\"service_tier\":\"auto\",\"unheard_of\":[{\"x\":1}]",
            "",
            "\"do_sample\":true"
        },
        { "\"stream\":false,\"stream_options\":null", "", "\"do_sample\":true" },
        { "\"stream\":true,\"stream_options\":{\"include_usage\":false}", "", "\"do_sample\":true" },
    };

    [Theory]
    [MemberData(nameof(ChatParameters))]
    public void ChatParameter_GoesToTheContainerInItsForm(string member, string messagesMember, string generateMembers)
    {
        var request = ChatRequest.Parse(Body($$"""{ "messages" : {{Messages}}{{(member.Length > 0 ? "," : "")}}{{member}} }"""));
        Assert.Equal(
            $$$"""{"messages":{{{Messages}}},{{{messagesMember}}}"stream":true,"stream_options":{"include_usage":true}}""",
            Written(output => MessagesBody.Write(request, output)));
        Assert.Equal(
            $$"""{"inputs":"User: Hi","parameters":{"return_full_text":false,"details":true,{{generateMembers}}},"stream":true}""",
            Written(output => GenerateBody.Write(request, "User: Hi", [], output)));
    }

    [Theory]
    [InlineData("", "\"do_sample\":true", "")]
    [InlineData("\"logprobs\":0", "\"do_sample\":true", "\"logprobs\":0,")]
    [InlineData("\"logprobs\":3", "\"do_sample\":true,\"top_n_tokens\":3", "\"logprobs\":3,")]
    [InlineData("\"max_tokens\":16,\"echo\":false,\"best_of\":1,\"suffix\":null", "\"do_sample\":true,\"max_new_tokens\":16", "\"max_tokens\":16,")]
    [InlineData("\"temperature\":0,\"stop\":\"\\n\"", "\"do_sample\":false,\"stop\":[\"\\n\"]", "\"temperature\":0,\"stop\":[\"\\n\"],")]
    public void CompletionParameter_GoesToTheContainerInItsForm(string member, string generateMembers, string promptMembers)
    {
        foreach (var prompt in (string[])["\"Say \\\"hi\\\"\"", "[\"Say \\\"hi\\\"\"]"])
        {
            var request = CompletionRequest.Parse(Body($$"""{"prompt":{{prompt}}{{(member.Length > 0 ? "," : "")}}{{member}}}"""));
            Assert.Equal(
                $$"""{"inputs":"Say \"hi\"","parameters":{"return_full_text":false,"details":true,{{generateMembers}}},"stream":true}""",
                Written(output => GenerateBody.Write(request, output)));
            Assert.Equal(
                $$$"""{"prompt":"Say \"hi\"",{{{promptMembers}}}"stream":true,"stream_options":{"include_usage":true}}""",
                Written(output => MessagesBody.Write(request, output)));
        }
    }

    [Fact]
    public void StopSequencesOfCallerAndTemplate_AreAsManyAsAContainerTakes()
    {
        var request = ChatRequest.Parse(Body($$"""{"messages":{{Messages}},"stop":["a","b","c"]}"""));
        Assert.EndsWith(
            "\"stop\":[\"a\",\"b\",\"c\",\"\\nUser:\"]},\"stream\":true}",
            Written(output => GenerateBody.Write(request, "x", ["b", "\nUser:", "</s>"], output)));
    }

    [Fact]
    public void Messages_GoThroughAsTheCallerWroteThemButForTheDeveloperRole()
    {
        const string Json = """
            [ {"role": "developer", "content": "Be kind."}, {"content":[{"type":"text","text":"Hé\u00e9"}],"role" :"user","name":"x"},
              {"role":"developer","content":"developer"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"1","content":"7"} ]
            """;
        var request = ChatRequest.Parse(Body($$"""{"messages":{{Json}}}"""));
        var body = Written(output => MessagesBody.Write(request, output));
        Assert.Equal(
            $$$"""{"messages":{{{Json.Replace("\"role\": \"developer\"", "\"role\": \"system\"").Replace("\"role\":\"developer\"", "\"role\":\"system\"")}}},"stream":true,"stream_options":{"include_usage":true}}""",
            body);
        Assert.Equal(
            [("developer", "Be kind."), ("user", "Héé"), ("developer", "developer"), ("assistant", ""), ("tool", "7")],
            request.Messages.Texts.Select(static message => (message.Role, message.Text)));
    }

    [Fact]
    public void TextParts_AreJoinedByLineEndsForATemplate()
    {
        var request = ChatRequest.Parse(Body(
            """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}"""));
        Assert.Equal("a\nb", request.Messages.Texts[0].Text);
    }

    [Theory]
    [InlineData("\"presence_penalty\":0.1", "presence_penalty")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"auto\"", "tools")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\"}", "tool_choice")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":6", "top_logprobs")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format")]
    [InlineData("\"response_format\":{\"type\":\"grammar\"}", "response_format.type")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema.schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":[]}}", "response_format.json_schema.schema")]
    public void WhatGenerateCannotDo_IsRefusedByName(string member, string param)
    {
        var request = ChatRequest.Parse(Body($$"""{"messages":{{Messages}},{{member}}}"""));
        var problem = Assert.Throws<RequestProblemException>(() => Written(output => GenerateBody.Write(request, "x", [], output)));
        Assert.Equal((400, param), (problem.Error.Status, problem.Error.Param));
    }

    [Fact]
    public void ToolCallsInTheHistory_AreRefusedByAModelThatKnowsTextAlone()
    {
        var request = ChatRequest.Parse(Body(
            """{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"1"}]}]}"""));
        var problem = Assert.Throws<RequestProblemException>(() => Written(output => GenerateBody.Write(request, "x", [], output)));
        Assert.Equal("messages[1].tool_calls", problem.Error.Param);
    }

    [Fact]
    public void ModelWithoutATemplate_RefusesAChat()
    {
        var request = ChatRequest.Parse(Body($$"""{"messages":{{Messages}}}"""));
        var problem = Assert.Throws<RequestProblemException>(() => Written(output => GenerateBody.Write(request, template: null, output)));
        Assert.Equal((400, "messages"), (problem.Error.Status, problem.Error.Param));
    }

    private static byte[] Body(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>What was written, which is JSON.</summary>
    private static string Written(Action<ByteBuffer> write)
    {
        using var output = new ByteBuffer();
        write(output);
        using var json = JsonDocument.Parse(output.UnreadMemory);
        return Encoding.UTF8.GetString(output.Unread);
    }
}
