using System.Text;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Responses;

public class AnswerTests
{
    private const string Transcript =
        """
        data:{"token":{"id":1026,"text":" Amazon","logprob":-0.41,"special":false},"generated_text":null,"details":null}
        data:{"token":{"id":13,"text":"\n富士山 \"q\"","logprob":null,"special":false},"top_tokens":[{"id":1,"text":"x","logprob":-2.5,"special":false}],"generated_text":null,"details":null}
        data:{"token":{"id":11,"text":"</s>","logprob":-0.08,"special":true},"generated_text":" Amazon\n富士山 \"q\"","details":{"finish_reason":"eos_token","generated_tokens":3,"seed":7,"input_length":5}}
        """;

    [Fact]
    public void Text_IsTheTokensTextWithoutSpecialOnes() =>
        Assert.Equal(" Amazon\n富士山 \"q\"", Write(MediaType.Text, Transcript));

    [Fact]
    public void EventStream_IsTgisPresentForm() =>
        Assert.Equal(
            """
            data: {"index":1,"token":{"id":1026,"text":" Amazon","logprob":-0.41,"special":false},"generated_text":null,"details":null}

            data: {"index":2,"token":{"id":13,"text":"\n富士山 \"q\"","logprob":null,"special":false},"top_tokens":[{"id":1,"text":"x","logprob":-2.5,"special":false}],"generated_text":null,"details":null}

            data: {"index":3,"token":{"id":11,"text":"</s>","logprob":-0.08,"special":true},"generated_text":" Amazon\n富士山 \"q\"","details":{"finish_reason":"eos_token","generated_tokens":3,"seed":7,"input_length":5}}


            """,
            Write(MediaType.EventStream, Transcript, includeDetails: true));

    [Fact]
    public void Ndjson_EndsWithFinishReasonAndCounts() =>
        Assert.Equal(
            """
            {"text":" Amazon","id":1026,"logprob":-0.41,"special":false}
            {"text":"\n富士山 \"q\"","id":13,"logprob":null,"special":false,"top_tokens":[{"id":1,"text":"x","logprob":-2.5,"special":false}]}
            {"text":"</s>","id":11,"logprob":-0.08,"special":true}
            {"finish_reason":"eos_token","generated_tokens":3,"input_tokens":5,"counted":false}

            """,
            Write(MediaType.Ndjson, Transcript));

    [Fact]
    public void NdjsonWithoutDetails_SaysThatItCountedAndInventsNoFinishReason() =>
        Assert.EndsWith(
            """
            {"finish_reason":null,"generated_tokens":1,"input_tokens":null,"counted":true}

            """,
            Write(MediaType.Ndjson, """data:{"token":{"id":1,"text":"a"},"generated_text":"a"}"""));

    [Fact]
    public void Json_IsTgisBufferedAnswer() =>
        Assert.Equal("""[{"generated_text":" Amazon\n富士山 \"q\""}]""", Write(MediaType.Json, Transcript));

    [Fact]
    public void JsonWithDetails_HasTokensAndSeed() =>
        Assert.Equal(
            """
            [{"generated_text":" Amazon\n富士山 \"q\"","details":{"finish_reason":"eos_token","generated_tokens":3,"seed":7,"prefill":[],"tokens":[{"id":1026,"text":" Amazon","logprob":-0.41,"special":false},{"id":13,"text":"\n富士山 \"q\"","logprob":null,"special":false},{"id":11,"text":"</s>","logprob":-0.08,"special":true}],"top_tokens":[[{"id":1,"text":"x","logprob":-2.5,"special":false}]]}}]
            """,
            Write(MediaType.Json, Transcript, includeDetails: true));

    [Theory]
    [InlineData(MediaType.Text, "\n[error: It broke.]\n")]
    [InlineData(MediaType.EventStream, "data: {\"error\":\"It broke.\",\"error_type\":\"generation\"}\n\n")]
    [InlineData(MediaType.Ndjson, "{\"error\":\"It broke.\",\"error_type\":\"generation\"}\n")]
    [InlineData(MediaType.Json, "{\"error\":\"It broke.\",\"error_type\":\"generation\"}")]
    public void Error_IsInTheFormatsOwnShape(MediaType mediaType, string expected)
    {
        using var answer = Answer.Create(mediaType, includeDetails: false);
        using var output = new ByteBuffer();
        answer.WriteError(new RelayError(Ending.ModelError, "It broke."), output);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.Unread));
    }

    [Theory]
    [InlineData(MediaType.Text)]
    [InlineData(MediaType.EventStream)]
    [InlineData(MediaType.Ndjson)]
    [InlineData(MediaType.Json)]
    public void Tokens_AllocateNothing(MediaType mediaType)
    {
        using var answer = Answer.Create(mediaType, includeDetails: true);
        using var tokens = new TokenReader();
        using var output = new ByteBuffer(1024 * 1024);
        var lines = Transcript.Split('\n').Select(Encoding.UTF8.GetBytes).ToArray();
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (var line in lines)
            {
                answer.WriteToken(tokens.Read(line), output);
            }

            output.Clear();
        }));
    }

    private static string Write(MediaType mediaType, string transcript, bool includeDetails = false)
    {
        using var answer = Answer.Create(mediaType, includeDetails);
        using var tokens = new TokenReader();
        using var output = new ByteBuffer();
        var usage = new Usage();
        foreach (var line in transcript.Split('\n'))
        {
            var token = tokens.Read(Encoding.UTF8.GetBytes(line));
            usage.Add(token);
            if (token.IsLast)
            {
                answer.WriteLast(token, usage, output);
            }
            else
            {
                answer.WriteToken(token, output);
            }
        }

        answer.WriteEnd(usage, output);
        return Encoding.UTF8.GetString(output.Unread);
    }
}
