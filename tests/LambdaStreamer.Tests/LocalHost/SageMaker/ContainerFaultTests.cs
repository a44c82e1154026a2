using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>Faults in the shape of the container that they strike.</summary>
public class ContainerFaultTests
{
    private const string Falcon = "huggingface-llm-falcon-7b-instruct-bf16";
    private const string Mistral = "huggingface-llm-mistral-7b-instruct";
    private const string Chat = """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""";
    private const string Completions = """{"prompt":"Hi","stream":true}""";
    private const string Generate = """{"inputs":"Hi","stream":true}""";

    private const string Failed = "Request failed during generation: Server error: CUDA out of memory";

    [Theory]
    [InlineData(Falcon, false, Generate, "tgi-error@2", """data: {"error":"Request failed during generation: Server error: CUDA out of memory","error_type":"generation"}""" + "\n\n")]
    [InlineData(Falcon, false, Completions, "tgi-error@2", """data: {"error":"Request failed during generation: Server error: CUDA out of memory","error_type":"generation"}""" + "\n\ndata: [DONE]\n\n")]
    [InlineData(Mistral, false, Generate, "tgi-error@2", """{"error": "Request failed during generation: Server error: CUDA out of memory", "code": 424}""" + "\n")]
    [InlineData(Mistral, false, Chat, "tgi-error=overloaded@2", """{"error": "Model is overloaded", "code": 429}""" + "\n")]
    [InlineData(Falcon, true, Chat, "tgi-error@2", """data: {"error":{"message":"Request failed during generation: Server error: CUDA out of memory","type":"InternalServerError","param":null,"code":500}}""" + "\n\ndata: [DONE]\n\n")]
    [InlineData(Mistral, true, Completions, "tgi-error=overloaded@2", """data: {"error":{"message":"Model is overloaded","type":"TooManyRequestsError","param":null,"code":429}}""" + "\n\ndata: [DONE]\n\n")]
    public async Task ErrorInTheStream_FollowsTwoTokens(string modelId, bool isVllm, string body, string fault, string expected)
    {
        var response = await AskAsync(modelId, isVllm, body, fault);
        Assert.EndsWith(expected, response.PayloadText, StringComparison.Ordinal);
        var answer = ReadAnswer.Of(response.PayloadText);
        Assert.Equal(2, answer.Count);
        Assert.Equal(fault.Contains("overloaded", StringComparison.Ordinal) ? "Model is overloaded" : Failed, answer.Error?.Message);
    }

    [Theory]
    [InlineData(Falcon, false, "429", """{"error":"The container failed on demand.","error_type":"overloaded"}""")]
    [InlineData(Mistral, false, "429", """{"error": "The container failed on demand.", "code": 429}""")]
    [InlineData(Falcon, true, "429", """{"error":{"message":"The container failed on demand.","type":"TooManyRequestsError","param":null,"code":429}}""")]
    [InlineData(Falcon, true, "503", """{"error":{"message":"The container failed on demand.","type":"InternalServerError","param":null,"code":503}}""")]
    [InlineData(Falcon, true, "400", """{"error":{"message":"The container failed on demand.","type":"BadRequestError","param":null,"code":400}}""")]
    public async Task ErrorBeforeTheStream_IsTheContainersBody(string modelId, bool isVllm, string status, string expected)
    {
        var response = await AskAsync(modelId, isVllm, isVllm ? Chat : Generate, $"model-error={status}");
        Assert.Equal(424, response.Status);
        Assert.Equal(status, response.Json.GetProperty("OriginalStatusCode").GetRawText());
        Assert.Equal(expected, response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Theory]
    [InlineData(Falcon, true, Chat)]
    [InlineData(Mistral, false, Chat)]
    [InlineData(Falcon, false, Completions)]
    public async Task End_LeavesOutTheMarker(string modelId, bool isVllm, string body)
    {
        var answer = ReadAnswer.Of((await AskAsync(modelId, isVllm, body, "end@3")).PayloadText);
        Assert.Equal((3, false), (answer.Count, answer.IsEnded));
    }

    [Theory]
    [InlineData("transcripts/12-vllm-chat.sse", "data: {\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}\n\n")]
    [InlineData("transcripts/11-lmi-chat.jsonlines", "{\"error\": \"Model is overloaded\", \"code\": 429}\n")]
    public async Task ErrorInAReplay_FitsTheFile(string file, string expected)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ReplayFile = file });
        var response = await (TwinCall.Json(Chat) with { Fault = "tgi-error=overloaded@1" }).SendAsync(twin);
        Assert.EndsWith(expected, response.PayloadText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorBeforeRecordedFrames_StillStrikes()
    {
        await using var twin = await TwinCall.StartTwinAsync(
            options => options with { ReplayFile = "transcripts/20-parts-split-utf8.eventstream", DefaultFault = Fault.Parse("model-error=503") });
        Assert.Equal(503, (await TwinCall.Json(Chat).SendAsync(twin)).Json.GetProperty("OriginalStatusCode").GetInt32());
    }

    private static async Task<WireResponse> AskAsync(string modelId, bool isVllm, string body, string fault)
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { ServesWithVllm = isVllm });
        return await (TwinCall.Json(body) with { Endpoint = modelId, Fault = fault }).SendAsync(twin);
    }
}
