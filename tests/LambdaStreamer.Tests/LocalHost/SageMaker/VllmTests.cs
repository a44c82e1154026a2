namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>vLLM's own server: OpenAI's forms as in the transcripts 12 and 60 to 67.</summary>
public class VllmTests
{
    [Fact]
    public async Task Dump()
    {
        foreach (var body in new[]
        {
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":2,"stream":true,"logprobs":true,"top_logprobs":2}""",
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":20,"stop":"question","stream":true,"stream_options":{"include_usage":true}}""",
            """{"prompt":"Hi","max_tokens":2,"stream":true,"logprobs":1,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}""",
            """{"messages":[{"role":"user","content":"Call get_weather"}],"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"enum":["Zürich"]},"days":{"type":"integer"}}}}}],"stream":true}""",
            """{"messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"low","response_format":{"type":"json_object"},"stream":true}""",
            """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":2}""",
            """{"inputs":"Hi"}""",
            """{"messages":[{"role":"user","content":"Hi"}],"model":"gpt-4"}""",
        })
        {
            var response = await AskAsync(body);
            TestContext.Current.TestOutputHelper!.WriteLine(body + "\n" + response.Status + "\n" + (response.Status == 200 ? response.PayloadText : response.Text));
        }
    }

    private static async Task<WireResponse> AskAsync(string body, bool streams = true)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = true });
        return await (TwinCall.Json(body) with { Streams = streams }).SendAsync(twin);
    }
}
