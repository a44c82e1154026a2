using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Pipeline;

/// <summary>What a long answer costs the garbage collector: nothing, once its buffers have grown.</summary>
public class AllocationTests
{
    private const int ReadsAtATime = 100;

    [Theory]
    [InlineData(MediaType.Text)]
    [InlineData(MediaType.EventStream)]
    [InlineData(MediaType.Ndjson)]
    public void FramesLinesAndTokens_AllocateNothing(MediaType format)
    {
        using var parts = Middle.Parts(EndlessReads());
        using var answer = Answer.Create(format, includeDetails: false);
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
        Assert.True(drain.Usage.CountedTokens >= 3 * ReadsAtATime);
    }

    /// <summary>Whole events, escaped text, two events in a part, and one event that two parts and two reads share.</summary>
    private static IEnumerable<byte[]> EndlessReads()
    {
        var whole = Frame("""
            data: {"index":1,"token":{"id":1,"text":"a","logprob":-0.5,"special":false},"generated_text":null,"details":null}


            """u8);
        var two = Frame("""
            :

            data:{"token":{"id":2,"text":"\n\u00e9"}}

            data:{"token":{"id":3,"text":"富士","special":true}}


            """u8);
        var first = Frame("data: {\"token\":{\"id\":4,\"te"u8);
        var second = Frame("xt\":\"b\",\"logprob\":null}}\r\n\r\n"u8);
        byte[][] reads = [[.. whole, .. two, .. first[..50]], [.. first[50..], .. second]];
        while (true)
        {
            yield return reads[0];
            yield return reads[1];
        }
    }

    private static byte[] Frame(ReadOnlySpan<byte> part)
    {
        using var stream = new ByteBuffer();
        FrameEncoder.WriteEvent(stream, "PayloadPart"u8, "application/octet-stream"u8, part);
        return stream.Unread.ToArray();
    }
}
