using System.Text.Json;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>The dialect of the Mistral models' container: DJL LMI with asynchronous vLLM, as in the transcript 10-lmi-async-vllm.</summary>
public class LmiTests
{
    private const string Instruct = "huggingface-llm-mistral-7b-instruct";
    private const string Prompt = "How do I build a website?";

    [Theory]
    [InlineData("huggingface-llm-mistral-7b")]
    [InlineData(Instruct)]
    public async Task BlogRequest_StreamsTheModelsText(string modelId)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json($$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":256},"stream":true}""");
        var response = await (call with { Endpoint = modelId }).SendAsync(twin);

        Assert.Equal(200, response.Status);
        Assert.True(response.IsComplete);
        Assert.Equal("application/jsonlines", response.Headers["X-Amzn-SageMaker-Content-Type"]);
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        var visible = ModelAnswer.VisibleText(model, Prompt, 256);
        var lines = Lines(response);
        Assert.Equal(visible, string.Concat(lines.Select(line => line.GetProperty("token").GetProperty("text").GetString())));
        Assert.All(lines.SkipLast(1), line => Assert.Equal(JsonValueKind.Null, line.GetProperty("generated_text").ValueKind));
        Assert.Equal(visible, lines[^1].GetProperty("generated_text").GetString());
        Assert.Equal(lines.Length, response.Frames.Count);
        Assert.Equal(lines.Length, twin.Requests[0].TokensSent);
    }

    [Fact]
    public async Task Details_StandInTheLastLine()
    {
        Assert.Equal(
            """
            {"index": 0, "token": {"id": 18076, "text": " Certainly", "logprob": -0.0001}, "generated_text": null, "details": null}
            {"index": 0, "token": {"id": 13036, "text": "!", "logprob": -0.0395}, "generated_text": " Certainly!", "details": {"finish_reason": "length", "seed": null, "generated_tokens": 2, "input_length": 2}}

            """,
            (await AskAsync("""{"inputs":"Hi","parameters":{"max_new_tokens":2,"details":true},"stream":true}""")).PayloadText);
    }

    [Fact]
    public async Task PromptInTheText_IsEscapedToAscii()
    {
        Assert.Equal(
            """
            {"index": 0, "token": {"id": 18076, "text": " Certainly", "logprob": -0.0001}, "generated_text": "\u5bcc\u58eb\ud83d\uddfb \"\\\n\u007f Certainly", "details": null}

            """,
            (await AskAsync(
                """{"inputs":"富士🗻 \"\\\n\u007f","parameters":{"max_new_tokens":1,"return_full_text":true},"stream":true}""")).PayloadText);
    }

    [Fact]
    public async Task NoParameters_GiveThirtyTokens()
    {
        var lines = Lines(await AskAsync($$"""{"inputs":"{{Prompt}}","stream":true}"""));
        Assert.Equal(30, lines.Length);
        Assert.True(ModelCatalogue.TryFind(Instruct, out var model));
        Assert.Equal(ModelAnswer.VisibleText(model, Prompt), lines[^1].GetProperty("generated_text").GetString());
    }

    [Fact]
    public async Task ModelsEnd_IsNotShownButCounted()
    {
        var response = await AskAsync("""{"inputs":"Why?","parameters":{"max_new_tokens":500,"details":true,"seed":7},"stream":true}""");
        var lines = Lines(response);
        Assert.DoesNotContain("</s>", response.PayloadText, StringComparison.Ordinal);
        Assert.Equal("?", lines[^1].GetProperty("token").GetProperty("text").GetString());
        Assert.Equal(
            $$"""{"finish_reason": "stop", "seed": 7, "generated_tokens": {{lines.Length + 1}}, "input_length": 3}""",
            lines[^1].GetProperty("details").GetRawText());
    }

    [Theory]
    [InlineData("""["nowhere","an be b"]""")]
    [InlineData("\"an be b\"")]
    public async Task StopSequence_IsLeftOutOfTheStreamToo(string stop)
    {
        var lines = Lines(await AskAsync(
            $$"""{"inputs":"{{Prompt}}","parameters":{"stop":{{stop}},"details":true},"stream":true}"""));
        Assert.Equal(
            " Building a website c", string.Concat(lines.Select(line => line.GetProperty("token").GetProperty("text").GetString())));
        Assert.Equal(" Building a website c", lines[^1].GetProperty("generated_text").GetString());
        Assert.Equal(
            """{"finish_reason": "stop", "seed": null, "generated_tokens": 6, "input_length": 8}""",
            lines[^1].GetProperty("details").GetRawText());
    }

    [Theory]
    [InlineData("", """{"generated_text": " Certainly!"}""")]
    [InlineData(
        ""","details":true""",
        """{"generated_text": " Certainly!", "details": {"finish_reason": "length", "seed": null, "generated_tokens": 2, "input_length": 2}}""")]
    public async Task WithoutStream_TheAnswerIsAnObject(string parameter, string expected)
    {
        var body = $$$"""{"inputs":"Hi","parameters":{"max_new_tokens":2{{{parameter}}}}}""";
        var buffered = await AskAsync(body, streams: false);
        Assert.Equal((200, "application/json", expected), (buffered.Status, buffered.Headers["Content-Type"], buffered.Text));
        var onePart = await AskAsync(body);
        Assert.Equal(("application/json", expected), (onePart.Headers["X-Amzn-SageMaker-Content-Type"], onePart.PayloadText));
        Assert.Single(onePart.Frames);
    }

    [Fact]
    public async Task UnknownMembersAndNulls_AreIgnored()
    {
        var lines = Lines(await AskAsync(
            """{"inputs":"Hi","other":1,"parameters":{"max_new_tokens":null,"stop":null,"seed":null,"details":null,"top_k":0},"stream":true}"""));
        Assert.Equal(30, lines.Length);
    }

    [Theory]
    [InlineData("[]", "The body must be an object.")]
    [InlineData("{}", "inputs must be a string.")]
    [InlineData("""{"inputs":1}""", "inputs must be a string.")]
    [InlineData("""{"inputs":"Hi","stream":1}""", "stream must be true or false.")]
    [InlineData("""{"inputs":"Hi","parameters":[]}""", "parameters must be an object.")]
    [InlineData("""{"inputs":"Hi","parameters":{"max_new_tokens":0},"stream":true}""", "max_new_tokens must be a whole number above 0.")]
    [InlineData("""{"inputs":"Hi","parameters":{"seed":-1}}""", "seed must be a whole number from 0.")]
    [InlineData("""{"inputs":"Hi","parameters":{"stop":["a",""]}}""", "stop must be a string or a list of strings, none of them empty.")]
    [InlineData(
        """{"inputs":"Hi","parameters":{"max_new_tokens":8191}}""",
        "The prompt and max_new_tokens take 8193 tokens; at most 8192 fit.")]
    public async Task BadRequest_IsRefusedBeforeTheStream(string body, string message)
    {
        var response = await AskAsync(body);
        Assert.Equal(424, response.Status);
        Assert.Equal(400, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.Equal($$"""{"error": "{{message}}", "code": 400}""", response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Theory]
    [InlineData("Hi")]
    [InlineData("""{"inputs":"\ud83d"}""")]
    public async Task NoJson_IsRefusedBeforeTheStream(string body)
    {
        var response = await AskAsync(body);
        Assert.Equal(424, response.Status);
        Assert.StartsWith(
            "{\"error\": \"The body is not JSON: ", response.Json.GetProperty("OriginalMessage").GetString(), StringComparison.Ordinal);
    }

    private static async Task<WireResponse> AskAsync(string body, bool streams = true)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        return await (TwinCall.Json(body) with { Endpoint = Instruct, Streams = streams }).SendAsync(twin);
    }

    private static JsonElement[] Lines(WireResponse response) =>
        [.. response.PayloadText.Split('\n').SkipLast(1).Select(line => JsonDocument.Parse(line).RootElement)];
}
