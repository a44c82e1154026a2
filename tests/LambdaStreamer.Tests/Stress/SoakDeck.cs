using System.Buffers;
using System.Text.Json;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Deals the streams of a soak: the same for the same seed and number.</summary>
internal static class SoakDeck
{
    private const int MostPieces = 4;
    private const int LongestPart = 300;

    /// <summary>The container has no room and is asked again twice, with pauses: dealt seldom.</summary>
    private const string Overloaded = "36-tgi-3.3.6-overloaded.sse";

    private static readonly (byte[] Body, string Text, bool IsComplete)[] Bodies =
    [
        .. Transcripts.Entries().Where(static entry => entry.TryGetProperty("expected", out _) && FileOf(entry) != Overloaded)
            .Select(static entry => (Transcripts.Read(FileOf(entry)), TextOf(entry), IsComplete(entry.GetProperty("expected")))),
    ];

    private static readonly (byte[] Stream, string Text, bool IsComplete)[] Streams =
    [
        .. Transcripts.EventStreams.Select(static row => row.Data)
            .Select(static file => (Transcripts.Read(file), Transcripts.Text(file), file.StartsWith("20-", StringComparison.Ordinal))),
    ];

    public static SoakStream Deal(ulong seed, long number)
    {
        var random = new FuzzRandom(seed, number);
        if (random.OneIn(2000))
        {
            return new SoakStream([Parts.OfToken(1, "quiet")], "quiet", false, SoakEnd.FallsSilent);
        }

        if (random.OneIn(2000))
        {
            return new SoakStream([Parts.OfTranscript(Overloaded)], "", false);
        }

        if (random.OneIn(50))
        {
            return new SoakStream([], "", false, SoakEnd.Refuses);
        }

        if (random.OneIn(8))
        {
            return Broken(ref random);
        }

        if (random.OneIn(20))
        {
            var (stream, text, isComplete) = Streams[random.Below(Streams.Length)];
            return new SoakStream(Cut(ref random, stream), text, isComplete);
        }

        var (body, expectedText, expectedComplete) = Bodies[random.Below(Bodies.Length)];
        var pieces = Cut(ref random, Framed(ref random, body));
        return new SoakStream(pieces, expectedText, expectedComplete, Refusals: random.OneIn(300) ? 1 : 0);
    }

    /// <summary>Some tokens, and then one of the ways in which the way to SageMaker breaks.</summary>
    private static SoakStream Broken(ref FuzzRandom random)
    {
        var tokens = random.Below(40);
        var text = string.Concat(Enumerable.Range(1, tokens).Select(FaultRows.TextOf));
        var good = FaultRows.Tokens(1, tokens);
        var next = Parts.OfToken(tokens + 1, " lost");
        var output = new ArrayBufferWriter<byte>();
        switch (random.Below(5))
        {
            case 0:
                return new SoakStream(Cut(ref random, [.. good, .. next[..random.Below(next.Length)]]), text, false, SoakEnd.Resets);
            case 1:
                return new SoakStream(Cut(ref random, [.. good, .. next[..random.Below(next.Length)]]), text, false);
            case 2:
                next[^1] ^= 1;
                return new SoakStream(Cut(ref random, [.. good, .. next, .. next]), text, false);
            case 3:
                FrameEncoder.WriteException(output, "ModelStreamError"u8, "application/json"u8, """{"Message":"no"}"""u8);
                return new SoakStream(Cut(ref random, [.. good, .. output.WrittenSpan]), text, false);
            default:
                FrameEncoder.WriteError(output, "InternalError"u8, "no"u8);
                return new SoakStream(Cut(ref random, [.. good, .. output.WrittenSpan]), text, false);
        }
    }

    private static byte[] Framed(ref FuzzRandom random, ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>();
        while (!body.IsEmpty)
        {
            var length = 1 + random.Below(Math.Min(body.Length, LongestPart));
            FuzzSeeds.Frame(output, body[..length]);
            body = body[length..];
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[][] Cut(ref FuzzRandom random, byte[] stream)
    {
        var positions = new SortedSet<int> { 0, stream.Length };
        for (var cuts = random.Below(MostPieces); cuts > 0; cuts--)
        {
            positions.Add(random.Below(stream.Length + 1));
        }

        return [.. positions.Zip(positions.Skip(1)).Select(range => stream[range.First..range.Second])];
    }

    private static string FileOf(JsonElement entry) => entry.GetProperty("file").GetString()!;

    private static string TextOf(JsonElement entry) => entry.GetProperty("expected").GetProperty("text").GetString()!;

    private static bool IsComplete(JsonElement expected) =>
        !expected.TryGetProperty("error", out _) && (IsTrue(expected, "complete") || IsTrue(expected, "endedByBody"));

    private static bool IsTrue(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.GetBoolean();
}
