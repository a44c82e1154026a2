using System.Net;
using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The routes that TGI's own clients call.</summary>
public class TgiRoutesTests
{
    private static readonly Func<ScriptedSageMaker.Exchange, Task> Transcript = static async exchange =>
    {
        await exchange.SendHeadAsync();
        await exchange.SendAsync(Parts.OfTranscript("03-tgi-2.4.0-generate-keepalive-stop.sse"));
        await exchange.EndAsync();
    };

    [Fact]
    public async Task Generate_IsOneObjectWithTopTokensAndSeed()
    {
        await using var sageMaker = new ScriptedSageMaker(Transcript);
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","parameters":{"details":true}}""", path: "/generate");
        var (text, _) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.StartsWith("""{"generated_text":"Hi there “friend”!\nUser:","details":{"finish_reason":"stop_sequence","generated_tokens":7,"seed":42,"prefill":[],"tokens":[{"id":1,"text":"Hi",""", text, StringComparison.Ordinal);
        Assert.EndsWith(
            """
            "top_tokens":[[{"id":1,"text":"Hi","logprob":-0.1,"special":false},{"id":9,"text":"Hello","logprob":-2.5,"special":false}]]}}
            """,
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateStream_IsTokenEventsWhateverTheHeaderAccepts()
    {
        await using var sageMaker = new ScriptedSageMaker(Transcript);
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","parameters":{"details":true}}""", "application/json", "/generate_stream");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((Encoding.UTF8.GetString(Transcripts.Read("03-tgi-2.4.0-generate-keepalive-stop.sse")).Replace(":\n\n", ""), false), await FunctionUnderTest.ReadToEndAsync(response));
    }

    [Fact]
    public async Task ContainerThatTakesOpenAIsFormAlone_GetsACompletion()
    {
        var asked = "";
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            asked = exchange.Request;
            await exchange.SendHeadAsync();
            await exchange.SendAsync(Parts.Of("""
                data: {"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":" Hi","logprobs":{"tokens":[" Hi"],"token_logprobs":[-0.5],"top_logprobs":[{" Hi":-0.5}],"text_offset":[0]},"finish_reason":null}]}

                data: {"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}

                data: [DONE]


                """u8.ToArray()));
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url, ("ENDPOINT_API", "openai"));
        using var response = await function.PostAsync("""{"inputs":"x","parameters":{"max_new_tokens":1,"top_k":5,"details":true,"return_full_text":false}}""", path: "/generate_stream");
        Assert.Equal(
            (
                """
                data: {"index":1,"token":{"id":null,"text":" Hi","logprob":-0.5,"special":false},"top_tokens":[{"id":null,"text":" Hi","logprob":-0.5,"special":false}],"generated_text":null,"details":null}

                data: {"index":2,"token":{"id":null,"text":"","logprob":null,"special":true},"generated_text":" Hi","details":{"finish_reason":"length","generated_tokens":1,"seed":null,"input_length":3}}


                """,
                false),
            await FunctionUnderTest.ReadToEndAsync(response));
        Assert.EndsWith(
            """{"prompt":"x","max_tokens":1,"top_k":5,"logprobs":1,"stream":true,"stream_options":{"include_usage":true}}""", asked, StringComparison.Ordinal);

        using var refused = await function.PostAsync("""{"inputs":"x","parameters":{"typical_p":0.5}}""", path: "/generate");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(
            ("""{"error":"\"typical_p\" is nothing that this model's container takes.","error_type":"validation"}""", false),
            await FunctionUnderTest.ReadToEndAsync(refused));
    }

    [Fact]
    public async Task Info_TellsWhatIsKnownOfTheModel()
    {
        await using var function = await FunctionUnderTest.StartAsync("http://127.0.0.1:1/", ("MODEL_ID", "huggingface-llm-falcon-7b-instruct-bf16"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/info");
        using var response = await function.SendAsync(request);
        Assert.Equal(
            ("""{"model_id":"huggingface-llm-falcon-7b-instruct-bf16","model_pipeline_tag":"text-generation","max_input_tokens":1024,"max_total_tokens":2048,"max_stop_sequences":16,"router":"lambdastreamer"}""", false),
            await FunctionUnderTest.ReadToEndAsync(response));
    }
}
