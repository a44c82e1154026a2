using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>What the caller asked for, against containers that do not do it themselves.</summary>
public class CallersRulesTests
{
    [Theory]
    [InlineData("text/plain", "Hi there “friend”!")]
    [InlineData("application/x-ndjson", """{"finish_reason":"stop_sequence","generated_tokens":7,"input_tokens":11,"counted":false}""")]
    [InlineData("text/event-stream", """
        "generated_text":"Hi there “friend”!","details":{"finish_reason":"stop_sequence","generated_tokens":7,"seed":42,"input_length":11}}
        """)]
    [InlineData("application/json", """[{"generated_text":"Hi there “friend”!","details":{"finish_reason":"stop_sequence","generated_tokens":7,"seed":42,""")]
    public async Task StopSequenceThatTheContainerLeavesIn_IsCutOut(string accept, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("03-tgi-2.4.0-generate-keepalive-stop.sse"));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","parameters":{"stop":["\nUser:"],"details":true}}""", accept);
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.False(isCut);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("User", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"inputs":"x","parameters":{"stop":["n3"]}}""", "n1 n2 ", "stop_sequence")]
    [InlineData("""{"inputs":"x","parameters":{"max_new_tokens":2}}""", "n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 ", "length")]
    public async Task ContainerThatRunsPastWhatTheCallerAskedFor_IsStopped(string body, string expected, string finishReason)
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 1; ; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, $"n{i} "));
            }
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(body);
        Assert.Equal((expected, false), await FunctionUnderTest.ReadToEndAsync(response));

        using var ndjson = await function.PostAsync(body, "application/x-ndjson");
        var (lines, isCut) = await FunctionUnderTest.ReadToEndAsync(ndjson);
        Assert.False(isCut);
        Assert.Contains($$"""{"finish_reason":"{{finishReason}}",""", lines, StringComparison.Ordinal);
        Assert.EndsWith("\"counted\":true}\n", lines, StringComparison.Ordinal);
        Assert.Empty(function.Lambda.Violations);
    }

    [Theory]
    [InlineData("01-tgi-1.1.0-generate.sse", " Amazon SageMaker is a service.")]
    [InlineData("06-tgi-2.4.0-chat-usage.sse", "Hello, world")]
    public async Task ContainerThatKeepsItsConnectionOpenBehindTheEnd_KeepsNobodyWaiting(string file, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript(file));
            await Task.Delay(Timeout.Infinite, exchange.Stopped);
        });

        // The clocks would end the answer as broken; the patience of this test is shorter than they are.
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("IDLE_TIMEOUT_SECONDS", "900"));
        using var response = await function.PostAsync("""{"inputs":"x"}""");
        Assert.Equal((expected, false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Fact]
    public async Task FullTextThatWasAskedFor_BeginsWithThePrompt()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("01-tgi-1.1.0-generate.sse"));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(
            """{"inputs":"What?","parameters":{"return_full_text":true}}""", "application/json");
        Assert.Equal(
            ("""[{"generated_text":"What? Amazon SageMaker is a service."}]""", false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Theory]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", "はい、富士山です。\n🗻")]
    [InlineData("my-own-model", "はい、富士山です。<NL>🗻")]
    public async Task NewlineMarkerOfTheModel_BecomesANewline(string modelId, string expected)
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("02-tgi-1.4.0-generate-japanese.sse"));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("MODEL_ID", modelId));
        using var response = await function.PostAsync("""{"inputs":"x"}""");
        Assert.Equal((expected, false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Fact]
    public async Task SpecialTokenWithoutItsFlag_IsHiddenByTheModelsOwnList()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.Of("""
                {"token": {"id": 1, "text": "Hi"}}
                {"token": {"id": 2, "text": "</s>"}, "generated_text": "Hi"}

                """u8.ToArray()));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("MODEL_ID", "huggingface-llm-mistral-7b-instruct"));
        using var response = await function.PostAsync("""{"inputs":"x"}""");
        Assert.Equal(("Hi", false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Theory]
    [InlineData("INFO", false)]
    [InlineData("TRACE", true)]
    public async Task AnswerOfAnUnknownForm_IsReportedAsSuch_AndShownToTheLogAtDebugOnly(string level, bool isShown)
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.Of(Encoding.UTF8.GetBytes("{\"completion\":\"geheim \u00e9\"}\n")));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("AWS_LAMBDA_LOG_LEVEL", level));
        using var response = await function.PostAsync("""{"inputs":"x"}""");
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Equal(
            ("""{"error":"The model's answer is in a form that this function does not know.","error_type":"incomplete_generation"}""", false),
            await FunctionUnderTest.ReadToEndAsync(response));
        function.AssertLogs("ending=ModelDialectUnknown");
        Assert.Equal(isShown, function.Log.Contains("""{"completion":"geheim \xc3\xa9"}""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DialectThatIsPrescribed_IsTheOnlyOneRead()
    {
        await using var sageMaker = new ScriptedSageMaker(static async exchange =>
        {
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.OfTranscript("06-tgi-2.4.0-chat-usage.sse"));
            await exchange.EndAsync();
        });
        await using var chat = await FunctionUnderTest.StartAsync(sageMaker.Url, ("DIALECT", "chat"));
        using var read = await chat.PostAsync("""{"messages":[]}""");
        Assert.Equal(("Hello, world", false), await FunctionUnderTest.ReadToEndAsync(read));

        await using var generate = await FunctionUnderTest.StartAsync(sageMaker.Url, ("DIALECT", "generate"));
        using var refused = await generate.PostAsync("""{"messages":[]}""");
        Assert.Equal(502, (int)refused.StatusCode);
    }
}
