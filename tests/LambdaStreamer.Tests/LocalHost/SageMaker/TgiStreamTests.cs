using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class TgiStreamTests
{
    private const string Blog = """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":256},"stream":true}""";

    public static TheoryData<string> ModelIds =>
        [.. ModelCatalogue.All.Where(model => model.Container is ContainerKind.Tgi).Select(model => model.Id)];

    [Theory]
    [MemberData(nameof(ModelIds))]
    public async Task BlogRequest_StreamsTheModelsText(string modelId)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json(Blog) with { Endpoint = modelId }).SendAsync(twin);

        Assert.Equal(200, response.Status);
        Assert.True(response.IsComplete);
        Assert.Equal("application/vnd.amazon.eventstream", response.Headers["Content-Type"]);
        Assert.Equal("text/event-stream", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.Equal("AllTraffic", response.Headers["x-Amzn-Invoked-Production-Variant"]);
        Assert.Equal(36, response.Headers["x-amzn-requestid"].Length);
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        var visible = ModelAnswer.VisibleText(model, "How do I build a website?", 256);
        Assert.Equal(visible, response.VisibleText);
        Assert.Equal("How do I build a website?" + visible, response.Events[^1].GetProperty("generated_text").GetString());
        Assert.Equal(response.Frames.Count, response.Chunks.Count);
    }

    [Fact]
    public async Task Tgi14_WritesIndexAndNoBlank()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":3,"details":true},"stream":true}""");
        var response = await (call with { Endpoint = "huggingface-llm-falcon-7b-bf16" }).SendAsync(twin);
        Assert.Equal(
            """
            data:{"index":1,"token":{"id":2266,"text":" The","logprob":-0.0068,"special":false},"generated_text":null,"details":null}

            data:{"index":2,"token":{"id":9001,"text":" answer","logprob":-0.5903,"special":false},"generated_text":null,"details":null}

            data:{"index":3,"token":{"id":60014,"text":" depends","logprob":-0.8503,"special":false},"generated_text":"Hi The answer depends","details":{"finish_reason":"length","generated_tokens":3,"seed":null}}


            """,
            response.PayloadText);
    }

    [Fact]
    public async Task Tgi14WithoutDetails_EndsWithTheTextAlone()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":2,"return_full_text":false},"stream":true}""");
        var response = await (call with { Endpoint = "huggingface-llm-falcon-7b-bf16" }).SendAsync(twin);
        Assert.Equal(
            """
            data:{"index":1,"token":{"id":2266,"text":" The","logprob":-0.0068,"special":false},"generated_text":null,"details":null}

            data:{"index":2,"token":{"id":9001,"text":" answer","logprob":-0.5903,"special":false},"generated_text":" The answer","details":null}


            """,
            response.PayloadText);
    }

    [Fact]
    public async Task Tgi24_WritesBlankAndInputLength()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json(
            """{"inputs":"Hi there","parameters":{"max_new_tokens":2,"details":true,"seed":7,"do_sample":true},"stream":true}""");
        var response = await call.SendAsync(twin);
        Assert.Equal(
            """
            data: {"index":1,"token":{"id":37597,"text":"\n","logprob":-0.0015,"special":false},"generated_text":null,"details":null}

            data: {"index":2,"token":{"id":22860,"text":"That","logprob":-0.1589,"special":false},"generated_text":"Hi there\nThat","details":{"finish_reason":"length","generated_tokens":2,"seed":7,"input_length":2}}


            """,
            response.PayloadText);
    }

    [Fact]
    public async Task FirstFrame_HasTheBytesOfTheEncoding()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":1,"return_full_text":false},"stream":true}""");
        var response = await call.SendAsync(twin);
        Assert.Equal(
            "000000e400000059aac157260d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000b5061796c6f6164"
                + "506172740d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d646174613a207b22696e64"
                + "6578223a312c22746f6b656e223a7b226964223a33373539372c2274657874223a225c6e222c226c6f6770726f62223a2d302e303331322c"
                + "227370656369616c223a66616c73657d2c2267656e6572617465645f74657874223a225c6e222c2264657461696c73223a6e756c6c7d0a0a"
                + "92799ef8",
            Convert.ToHexStringLower(Assert.Single(response.Chunks)));
    }

    [Fact]
    public async Task ModelsEnd_IsASpecialTokenOfItsOwn()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Why?","parameters":{"max_new_tokens":500,"details":true},"stream":true}""");
        var falcon = (await call.SendAsync(twin)).Events[^1];
        Assert.Equal("""{"id":11,"text":"<|endoftext|>",""", falcon.GetProperty("token").GetRawText()[..32]);
        Assert.True(falcon.GetProperty("token").GetProperty("special").GetBoolean());
        Assert.Equal("eos_token", falcon.GetProperty("details").GetProperty("finish_reason").GetString());
        Assert.DoesNotContain("<|endoftext|>", falcon.GetProperty("generated_text").GetString(), StringComparison.Ordinal);

        var rinna = (await (call with { Endpoint = "huggingface-llm-rinna-3-6b-instruction-ppo-bf16" }).SendAsync(twin)).Events[^1];
        Assert.Equal("""{"id":3,"text":"</s>",""", rinna.GetProperty("token").GetRawText()[..22]);
    }

    [Fact]
    public async Task NoParameters_SamplesAHundredTokens()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await TwinCall.Json("""{"inputs":"How do I build a website?","stream":true}""").SendAsync(twin);
        Assert.Equal(100, response.Events.Count);
        Assert.Equal(100, twin.Requests[0].TokensSent);
    }

    [Fact]
    public async Task StopSequence_StaysInTheText()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json(
            """{"inputs":"How do I build a website?","stream":true"""
                + ""","parameters":{"stop":["website","\n\n1."],"details":true,"return_full_text":false}}""");
        var last = (await call.SendAsync(twin)).Events[^1];
        Assert.Equal("\nBuilding a website", last.GetProperty("generated_text").GetString());
        Assert.Equal(
            """{"finish_reason":"stop_sequence","generated_tokens":4,"seed":null,"input_length":7}""",
            last.GetProperty("details").GetRawText());
    }

    [Fact]
    public async Task TopTokens_StartWithTheChosenOne()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":2,"top_n_tokens":3},"stream":true}""");
        foreach (var token in (await call.SendAsync(twin)).Events)
        {
            Assert.Equal(
                ["index", "token", "top_tokens", "generated_text", "details"], token.EnumerateObject().Select(member => member.Name));
            Assert.Equal(3, token.GetProperty("top_tokens").GetArrayLength());
            Assert.Equal(token.GetProperty("token").GetRawText(), token.GetProperty("top_tokens")[0].GetRawText());
        }
    }

    [Fact]
    public async Task SameRequestAndSeed_GetTheSameBytes()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        await using var other = await TwinCall.StartTwinAsync(options => options with { Seed = 2 });
        var first = await TwinCall.Json(Blog).SendAsync(twin);
        Assert.Equal(first.Body, (await TwinCall.Json(Blog).SendAsync(twin)).Body);
        Assert.NotEqual(first.Body, (await TwinCall.Json(Blog).SendAsync(other)).Body);
    }

    [Fact]
    public async Task BufferedOperation_AnswersAnArrayOfOne()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":2,"details":true,"decoder_input_details":true}}""");
        var response = await (call with { Streams = false }).SendAsync(twin);
        Assert.Equal(200, response.Status);
        Assert.Equal("application/json", response.Headers["Content-Type"]);
        Assert.Equal(
            """[{"generated_text":"Hi\nThat","details":{"finish_reason":"length","generated_tokens":2,"seed":null"""
                + ""","prefill":[{"id":35514,"text":"Hi","logprob":null}]"""
                + ""","tokens":[{"id":37597,"text":"\n","logprob":-0.0312,"special":false},"""
                + """{"id":22860,"text":"That","logprob":-0.0113,"special":false}]}}]""",
            response.Text);
    }

    [Fact]
    public async Task StreamingOperationWithoutStreamTrue_SendsTheBufferedAnswerAsOnePart()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":2,"return_full_text":false}}""");
        var response = await call.SendAsync(twin);
        Assert.Equal("application/json", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.Equal("""[{"generated_text":"\nThat"}]""", response.PayloadText);
        Assert.Single(response.Frames);
    }
}
