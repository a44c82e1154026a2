using System.Text;
using LambdaStreamer.OpenAI;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>What is refused, and by which name OpenAI's clients learn it.</summary>
public class RequestTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Theory]
    [InlineData("", null)]
    [InlineData("[]", null)]
    [InlineData("{", null)]
    [InlineData("{}x", null)]
    [InlineData("{\"messages\":[]", null)]
    [InlineData("{}", "messages")]
    [InlineData("{\"messages\":null}", "messages")]
    [InlineData("{\"messages\":[]}", "messages")]
    [InlineData("{\"messages\":{}}", "messages")]
    [InlineData("{\"messages\":[1]}", "messages[0]")]
    [InlineData("{\"messages\":[{\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":7,\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"function\",\"content\":\"x\"}]}", "messages[0].role")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":7}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"content\":null}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[ ]}]}", "messages[0].content")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"name\":1}]}", "messages[0].name")]
    [InlineData("{\"messages\":[{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":1}]}", "messages[0].tool_call_id")]
    [InlineData("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":{}}]}", "messages[0].tool_calls")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[\"x\"]}]}", "messages[0].content[0]")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}", "messages[0].content[0].text")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]}", "messages[0].content[0]")]
    [InlineData(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{}}]}]}",
        "messages[1].content[1]")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "messages[0].content")]
    public void ChatWithoutUsableMessages_IsRefusedByTheirPlace(string body, string? param) => AssertRefused(ChatRequest.Parse, body, param);

    [Theory]
    [InlineData("\"model\":7", "model")]
    [InlineData("\"stream\":\"yes\"", "stream")]
    [InlineData("\"stream_options\":true", "stream_options")]
    [InlineData("\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage")]
    [InlineData("\"temperature\":\"hot\"", "temperature")]
    [InlineData("\"temperature\":2.1", "temperature")]
    [InlineData("\"temperature\":-0.1", "temperature")]
    [InlineData("\"temperature\":1e999", "temperature")]
    [InlineData("\"top_p\":1.1", "top_p")]
    [InlineData("\"frequency_penalty\":-2.5", "frequency_penalty")]
    [InlineData("\"presence_penalty\":true", "presence_penalty")]
    [InlineData("\"seed\":1.5", "seed")]
    [InlineData("\"seed\":9223372036854775808", "seed")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":2147483648", "max_tokens")]
    [InlineData("\"max_completion_tokens\":\"7\"", "max_completion_tokens")]
    [InlineData("\"stop\":7", "stop")]
    [InlineData("\"stop\":{}", "stop")]
    [InlineData("\"stop\":[1]", "stop[0]")]
    [InlineData("\"stop\":[\"a\",null]", "stop[1]")]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "stop")]
    [InlineData("\"stop\":\"\\ud800\"", "stop")]
    [InlineData("\"n\":2", "n")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"logit_bias\":{\"50256\":-100}", "logit_bias")]
    [InlineData("\"logit_bias\":[]", "logit_bias")]
    public void ParameterThatCannotBeTaken_IsRefusedByName(string member, string param)
    {
        AssertRefused(ChatRequest.Parse, $$"""{{{Messages}},{{member}}}""", param);
        AssertRefused(CompletionRequest.Parse, $$"""{"prompt":"x",{{member}}}""", param);
    }

    [Theory]
    [InlineData("\"logprobs\":1", "logprobs")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs")]
    [InlineData("\"top_logprobs\":1", "top_logprobs")]
    [InlineData("\"response_format\":\"json\"", "response_format")]
    [InlineData("\"response_format\":{}", "response_format.type")]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tool_choice\":1", "tool_choice")]
    [InlineData("\"parallel_tool_calls\":\"no\"", "parallel_tool_calls")]
    [InlineData("\"reasoning_effort\":1", "reasoning_effort")]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "functions")]
    public void ChatParameterThatCannotBeTaken_IsRefusedByName(string member, string param) =>
        AssertRefused(ChatRequest.Parse, $$"""{{{Messages}},{{member}}}""", param);

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("{\"prompt\":null}", "prompt")]
    [InlineData("{\"prompt\":7}", "prompt")]
    [InlineData("{\"prompt\":[]}", "prompt")]
    [InlineData("{\"prompt\":[1,2]}", "prompt")]
    [InlineData("{\"prompt\":[[1,2]]}", "prompt")]
    [InlineData("{\"prompt\":[\"a\",\"b\"]}", "prompt")]
    [InlineData("{\"prompt\":\"x\",\"logprobs\":6}", "logprobs")]
    [InlineData("{\"prompt\":\"x\",\"logprobs\":true}", "logprobs")]
    [InlineData("{\"prompt\":\"x\",\"best_of\":2}", "best_of")]
    [InlineData("{\"prompt\":\"x\",\"echo\":true}", "echo")]
    [InlineData("{\"prompt\":\"x\",\"suffix\":\"y\"}", "suffix")]
    public void CompletionThatCannotBeTaken_IsRefusedByName(string body, string param) =>
        AssertRefused(CompletionRequest.Parse, body, param);

    [Fact]
    public void LastOfTwoMembersWithOneName_Counts()
    {
        var request = ChatRequest.Parse("""{"model":"a","messages":[],"model":"b","messages":[{"role":"user","content":"x"}]}"""u8.ToArray());
        Assert.Equal("b", request.Head.Model);
        Assert.Single(request.Messages.Texts);
    }

    [Fact]
    public void ByteOrderMark_IsPassedOver() =>
        Assert.Equal("x", CompletionRequest.Parse("\uFEFF{\"prompt\":\"x\"}"u8.ToArray()).Prompt);

    [Fact]
    public void NestingBeyondTheReadersDepth_IsRefused() =>
        AssertRefused(ChatRequest.Parse, $$"""{{{Messages}},"x":{{new string('[', 1000)}}{{new string(']', 1000)}}}""", param: null);

    private static void AssertRefused<T>(Func<ReadOnlyMemory<byte>, T> parse, string body, string? param)
    {
        var problem = Assert.Throws<RequestProblemException>(() => { parse(Encoding.UTF8.GetBytes(body)); }).Error;
        Assert.Equal((400, param), (problem.Status, problem.Param));
        Assert.NotEmpty(problem.Message);
    }
}
