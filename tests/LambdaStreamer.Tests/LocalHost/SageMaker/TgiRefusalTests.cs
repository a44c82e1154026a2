using System.Text;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class TgiRefusalTests
{
    // The members of "parameters", and the message after "Input validation error: ". The prompt is four tokens long.
    public static TheoryData<string, string> InvalidParameters => new()
    {
        { "\"best_of\":2", "`best_of` != 1 is not supported when streaming tokens" },
        { "\"decoder_input_details\":true", "`decoder_input_details` == true is not supported when streaming tokens" },
        { "\"temperature\":0", "`temperature` must be strictly positive" },
        { "\"repetition_penalty\":0.0", "`repetition_penalty` must be strictly positive" },
        { "\"frequency_penalty\":2.5", "`frequency_penalty` must be >= -2.0 and <= 2.0" },
        { "\"top_p\":1.0", "`top_p` must be > 0.0 and < 1.0" },
        { "\"typical_p\":0", "`typical_p` must be > 0.0 and < 1.0" },
        { "\"top_k\":0", "`top_k` must be strictly positive" },
        { "\"max_new_tokens\":0", "`max_new_tokens` must be strictly positive" },
        { "\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "`stop` supports up to 4 stop sequences. Given: 5" },
        { "\"top_n_tokens\":6", "`top_n_tokens` must be >= 0 and <= 5. Given: 6" },
        { "\"truncate\":1025", "`truncate` must be strictly positive and less than 1024. Given: 1025" },
        {
            "\"max_new_tokens\":2045",
            "`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 4 `inputs` tokens and 2045 `max_new_tokens`"
        },
        { "\"grammar\":{\"type\":\"regex\",\"value\":\"a\"}", "grammar is not supported" },
    };

    [Theory]
    [MemberData(nameof(InvalidParameters))]
    public async Task InvalidParameter_IsAnEventInTheStream(string parameter, string message)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await TwinCall.Json($$"""{"inputs":"Why is it so","parameters":{{{parameter}}},"stream":true}""").SendAsync(twin);
        Assert.Equal(200, response.Status);
        Assert.True(response.IsComplete);
        Assert.Equal(
            $$"""data: {"error":"Input validation error: {{message}}","error_type":"validation"}""" + "\n\n", response.PayloadText);
    }

    [Fact]
    public async Task InvalidParameterOnAnOldVersion_HasNoBlankAfterData()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("""{"inputs":"","stream":true}""") with { Endpoint = "huggingface-llm-falcon-40b-bf16" };
        Assert.Equal(
            "data:{\"error\":\"Input validation error: `inputs` cannot be empty\",\"error_type\":\"validation\"}\n\n",
            (await call.SendAsync(twin)).PayloadText);
    }

    [Fact]
    public async Task PromptOverTheInputLimit_IsRefused()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var prompt = string.Join(' ', Enumerable.Repeat("word", 1025));
        var response = await TwinCall.Json($$"""{"inputs":"{{prompt}}","stream":true}""").SendAsync(twin);
        Assert.Equal(
            "Input validation error: `inputs` must have less than 1024 tokens. Given: 1025",
            response.Events[0].GetProperty("error").GetString());
    }

    [Fact]
    public async Task InvalidParameterWithoutStream_IsAModelError()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await TwinCall.Json("""{"inputs":"Hi","parameters":{"top_p":2}}""").SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal("ModelError", response.Headers["x-amzn-errortype"]);
        Assert.Equal(422, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.Equal(
            """{"error":"Input validation error: `top_p` must be > 0.0 and < 1.0","error_type":"validation"}""",
            response.Json.GetProperty("OriginalMessage").GetString());
        Assert.StartsWith(
            "Received client error (422) from primary with message \"{",
            response.Json.GetProperty("Message").GetString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("falcon-7b-bf16", "{\"inputs\":", 400, "Failed to parse the request body as JSON: ")]
    [InlineData("falcon-7b-bf16", "\ufeff{\"inputs\":\"Hi\"}", 400, "Failed to parse the request body as JSON: ")]
    [InlineData(
        "falcon-7b-bf16",
        "{\"stream\":true}",
        422,
        "Failed to deserialize the JSON body into the target type: missing field `inputs`")]
    [InlineData(
        "falcon-7b-bf16",
        "{\"inputs\":\"Hi\",\"parameters\":{\"max_new_tokens\":\"9\"},\"stream\":true}",
        422,
        "Failed to deserialize the JSON body into the target type: parameters.max_new_tokens: invalid type: string \"9\", expected u32")]
    [InlineData(
        "falcon-7b-instruct-bf16",
        "{\"text\":\"Hi\",\"stream\":true}",
        422,
        "Failed to deserialize the JSON body into the target type: data did not match any variant of untagged enum SagemakerRequest")]
    [InlineData(
        "falcon-7b-instruct-bf16",
        "{\"messages\":[],\"stream\":true}",
        422,
        "{\"error\":\"Template error: template not found\",\"error_type\":\"template_error\"}")]
    public async Task BodyThatIsNoRequest_IsAModelErrorEvenForAStream(string model, string body, int status, string message)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json(body) with { Endpoint = $"huggingface-llm-{model}" }).SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal(status, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.StartsWith(message, response.Json.GetProperty("OriginalMessage").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task OtherContentType_IsAModelError415(string? contentType)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json("""{"inputs":"Hi","stream":true}""") with { ContentType = contentType }).SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal(415, response.Json.GetProperty("OriginalStatusCode").GetInt32());
        Assert.Equal("Expected request with `Content-Type: application/json`", response.Json.GetProperty("OriginalMessage").GetString());
    }

    [Theory]
    [InlineData("{\"inputs\":\"\\ud83c\"}")]
    [InlineData("{\"inputs\":\"Hi\",\"parameters\":{\"stop\":[\"\\ud83c\"]}}")]
    [InlineData("{\"inputs\":\"H\u00ff\"}")]
    public async Task StringThatIsNoText_IsAModelError400(string latin1)
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json("") with { Body = Encoding.Latin1.GetBytes(latin1) }).SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal(400, response.Json.GetProperty("OriginalStatusCode").GetInt32());
    }

    [Fact]
    public async Task BodyOverTheContainersLimit_IsAModelError413()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var call = TwinCall.Json("{}") with { Body = Encoding.ASCII.GetBytes(new string(' ', 2_097_153)) };
        var response = await call.SendAsync(twin);
        Assert.Equal(424, response.Status);
        Assert.Equal(413, response.Json.GetProperty("OriginalStatusCode").GetInt32());
    }

    [Fact]
    public async Task BodyOverTheServicesLimit_Is413()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json("{}") with { DeclaredLength = 6_291_457 }).SendAsync(twin);
        Assert.Equal(413, response.Status);
        Assert.Equal("""{"Message":"HTTP content length exceeded 6291456 bytes."}""", response.Text);
        Assert.Empty(twin.Requests);
    }

    [Fact]
    public async Task Ping_IsAnswered()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(twin.Url, "ping"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task UnknownEndpoint_IsAValidationError()
    {
        await using var twin = await TwinCall.StartTwinAsync();
        var response = await (TwinCall.Json("""{"inputs":"Hi"}""") with { Endpoint = "my-endpoint" }).SendAsync(twin);
        Assert.Equal(400, response.Status);
        Assert.Equal("ValidationError", response.Headers["x-amzn-errortype"]);
        Assert.Equal("""{"Message":"Endpoint my-endpoint of account 123456789012 not found."}""", response.Text);
    }

    [Fact]
    public async Task NamedEndpoint_HasItsModel()
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with
        {
            Endpoints = new Dictionary<string, string> { ["my-endpoint"] = "huggingface-llm-mistral-7b" },
            DefaultModelId = "huggingface-llm-falcon-7b-bf16",
        });
        var call = TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":4,"return_full_text":false}}""") with { Streams = false };
        var named = await (call with { Endpoint = "my-endpoint" }).SendAsync(twin);
        Assert.Equal("""{"generated_text": " The following notes were"}""", named.Text);
        var other = await (call with { Endpoint = "another" }).SendAsync(twin);
        Assert.Equal("""[{"generated_text":" The answer depends on"}]""", other.Text);
    }

    [Fact]
    public async Task UnknownDefaultModel_KeepsTheTwinFromStarting()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => TwinCall.StartTwinAsync(options => options with { DefaultModelId = "gpt" }));
        Assert.StartsWith("'gpt' is none of the models the twin has.", refused.Message, StringComparison.Ordinal);
    }
}
