using LambdaStreamer.Relay;
using LambdaStreamer.Tests.Pipeline;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>What a token of a stream costs the garbage collector: nothing, once the buffers have grown.</summary>
public class AllocationTests
{
    private const int ReadsAtATime = 100;

    [Theory]
    [InlineData("chat stream", null)]
    [InlineData("chat stream", 2)]
    [InlineData("completion stream", null)]
    [InlineData("completion stream", 2)]
    public void TokensThroughTheWholeMiddle_AllocateNothing(string form, int? topLogprobs)
    {
        using var parts = Middle.Parts(EndlessReads());
        using var answer = AnswerOf.Create(form, AnswerOf.Head with { IncludesUsage = true, TopLogprobs = topLogprobs });
        using var drain = new TokenDrain(answer, new AnswerRules(), onUnknown: null);
        using var output = new ByteBuffer();
        var answerLength = 0L;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var read = 0; read < ReadsAtATime; read++)
            {
                Middle.Read(parts);
                Assert.Null(drain.Drain(parts, output, room: int.MaxValue));
                answerLength += output.Length;
                output.Clear();
            }
        }));
        Assert.True(answerLength > 0);
    }

    private static IEnumerable<byte[]> EndlessReads()
    {
        var generate = AnswerOf.Frames(["""
            data: {"index":1,"token":{"id":1,"text":"富a\n","logprob":-0.5,"special":false},"top_tokens":[{"id":1,"text":"x","logprob":-0.5,"special":false}],"generated_text":null,"details":null}


            """u8.ToArray()]);
        var chat = AnswerOf.Frames(["""
            data: {"choices":[{"index":0,"delta":{"content":"b","reasoning_content":"c","tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}


            """u8.ToArray()]);
        while (true)
        {
            yield return generate;
            yield return chat;
        }
    }
}
