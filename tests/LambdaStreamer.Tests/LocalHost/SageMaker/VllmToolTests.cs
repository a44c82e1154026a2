using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>When vLLM's model calls a tool, and how the call is written (transcript 61).</summary>
public class VllmToolTests
{
    private const string Tools = """
        "tools":[
          {"type":"function","function":{"name":"get_time"}},
          {"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"enum":["Zürich"]}}}}}
        ]
        """;

    [Fact]
    public async Task Call_OpensWithItsNameAndGoesOnInPieces()
    {
        var body = await AskAsync("Ask get_weather", """,{"role":"assistant","content":"Shall I?"},{"role":"user","content":"Call get_time"}""");
        const string Head =
            """data: {"id":"chatcmpl-68f5be821669d9","object":"chat.completion.chunk","created":1730000000,"model":"/opt/ml/model","choices":[""";
        Assert.Equal(
            Head + """{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + Head + """{"index":0,"delta":{"tool_calls":[{"index":0,"id":"chatcmpl-tool-68f5be821669d9","type":"function","function":{"name":"get_time","arguments":"{"}}]},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + Head + """{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + Head + """{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"tool_calls","stop_reason":null}]}""" + "\n\n"
            + "data: [DONE]\n\n",
            body);
    }

    [Theory]
    [InlineData("Use GET_WEATHER", "", "get_weather", """{"city": "Zürich"}""", FinishReason.ToolCalls)]
    [InlineData("Hi", ""","tool_choice":"required" """, "get_time", "{}", FinishReason.ToolCalls)]
    [InlineData("Use get_weather", ""","tool_choice":"required" """, "get_weather", """{"city": "Zürich"}""", FinishReason.ToolCalls)]
    [InlineData("Hi", ""","tool_choice":{"type":"function","function":{"name":"get_weather"}}""", "get_weather", """{"city": "Zürich"}""", FinishReason.Stop)]
    [InlineData("Hi", "", "", "", FinishReason.Stop)]
    [InlineData("Use get_weather", ""","tool_choice":"none" """, "", "", FinishReason.Stop)]
    public async Task Choice_DecidesWhichToolIsCalled(string question, string choice, string name, string arguments, FinishReason reason)
    {
        var answer = ReadAnswer.Of(await AskAsync(question, "", choice));
        Assert.Equal((name, arguments, reason), (answer.ToolName, answer.ToolArguments, answer.FinishReason));
        Assert.Equal(name.Length == 0, answer.Text.Length > 0);
    }

    [Fact]
    public async Task ToolsResult_IsAnsweredInWords()
    {
        var answer = ReadAnswer.Of(await AskAsync(
            "Use get_weather",
            """,{"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","tool_call_id":"1","content":"get_weather: sunny"}"""));
        Assert.Equal("", answer.ToolName);
        Assert.StartsWith("\nThat is a good question.", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buffered_HoldsTheWholeCall()
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = true });
        var call = TwinCall.Json($$"""{"messages":[{"role":"user","content":"Use get_weather"}],{{Tools}}}""") with { Streams = false };
        Assert.Contains(
            """{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"chatcmpl-tool-89f89a0440e079","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Zürich\"}"}}]},"logprobs":null,"finish_reason":"tool_calls","stop_reason":null}]""",
            (await call.SendAsync(twin)).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", ""","tool_choice":"required" """, "When using `tool_choice`, `tools` must be set.")]
    [InlineData(
        "," + Tools,
        ""","tool_choice":{"type":"function","function":{"name":"other"}}""",
        "The tool specified in `tool_choice` does not match any of the specified `tools`.")]
    public async Task ChoiceWithoutItsTool_IsRefused(string tools, string choice, string message)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = true });
        var response = await TwinCall.Json($$"""{"messages":[{"role":"user","content":"Hi"}]{{tools}}{{choice}},"stream":true}""").SendAsync(twin);
        Assert.Equal(
            $$$"""{"error":{"message":"{{{message}}}","type":"BadRequestError","param":"tool_choice","code":400}}""",
            response.Json.GetProperty("OriginalMessage").GetString());
    }

    private static async Task<string> AskAsync(string question, string moreMessages = "", string choice = "")
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = true });
        var call = TwinCall.Json(
            $$"""{"messages":[{"role":"user","content":"{{question}}"}{{moreMessages}}],{{Tools}}{{choice}},"stream":true}""");
        return (await call.SendAsync(twin)).PayloadText;
    }
}
