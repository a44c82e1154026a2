using System.Buffers.Binary;
using System.Text;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>The recorded streams, cut in every way; what each must give is in <c>transcripts/manifest.json</c>.</summary>
public class TranscriptTests
{
    private const string ModelStreamError =
        "{\"Message\":\"Your model primary did not complete sending the inference response in the allotted time.\"," +
        "\"ErrorCode\":\"ModelInvocationTimeExceeded\"}";

    public static TheoryData<string, string[], FrameError> Streams => new()
    {
        {
            "20-parts-split-utf8",
            ["PayloadPart 283", "PayloadPart 83", "PayloadPart 238", "PayloadPart 400", "PayloadPart 217"],
            FrameError.None
        },
        { "21-parts-then-model-stream-error", ["PayloadPart 227", "PayloadPart 114", "ModelStreamError 144"], FrameError.None },
        { "22-internal-stream-failure", ["PayloadPart 114", "InternalStreamFailure 43"], FrameError.None },
        { "23-unmodeled-error", ["InternalError 0"], FrameError.None },
        {
            "24-truncated",
            [
                "PayloadPart 114", "PayloadPart 113", "PayloadPart 114", "PayloadPart 108", "PayloadPart 108", "PayloadPart 114",
                "PayloadPart 105",
            ],
            FrameError.Truncated
        },
        { "25-bad-crc", [], FrameError.MessageCrcMismatch },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void ReadAtOnce_GivesEveryFrame(string name, string[] frames, FrameError error) =>
        AssertGives(frames, error, BufferingReader.ReadAll(Load(name)));

    [Theory]
    [MemberData(nameof(Streams))]
    public void ReadByteByByte_GivesEveryFrame(string name, string[] frames, FrameError error) =>
        AssertGives(frames, error, BufferingReader.ReadAll(Load(name).Select(value => new[] { value })));

    [Theory]
    [MemberData(nameof(Streams))]
    public void CutAnywhere_GivesEveryFrame(string name, string[] frames, FrameError error)
    {
        var stream = Load(name);
        for (var cut = 0; cut <= stream.Length; cut++)
        {
            AssertGives(frames, error, BufferingReader.ReadAll(stream[..cut], stream[cut..]));
        }
    }

    [Theory]
    [InlineData("20-parts-split-utf8")]
    [InlineData("21-parts-then-model-stream-error")]
    [InlineData("22-internal-stream-failure")]
    [InlineData("23-unmodeled-error")]
    [InlineData("24-truncated")]
    [InlineData("25-bad-crc")]
    public void EndedAnywhereButBetweenFrames_IsTruncated(string name)
    {
        var stream = Load(name);
        var ends = FrameEnds(stream);
        for (var length = 0; length < stream.Length; length++)
        {
            var reader = BufferingReader.ReadAll(stream[..length]);
            Assert.Equal(ends.Count(end => end > 0 && end <= length), reader.Frames.Count);
            Assert.Equal(ends.Contains(length) ? FrameError.None : FrameError.Truncated, reader.Error);
        }
    }

    [Fact]
    public void Parts_ConcatenateToTheContainersBytes()
    {
        var parts = string.Concat(BufferingReader.ReadAll(Load("20-parts-split-utf8")).Frames.Select(frame => frame.Payload));
        Assert.Equal(File.ReadAllBytes(Path("02-tgi-1.4.0-generate-japanese.sse")), Encoding.Latin1.GetBytes(parts));
    }

    [Fact]
    public void ModelStreamError_CarriesItsJson()
    {
        var last = BufferingReader.ReadAll(Load("21-parts-then-model-stream-error")).Frames[^1];
        Assert.Equal(new ReadFrame(FrameKind.Exception, "ModelStreamError", ModelStreamError), last);
    }

    [Fact]
    public void InternalStreamFailure_CarriesItsJson()
    {
        var last = BufferingReader.ReadAll(Load("22-internal-stream-failure")).Frames[^1];
        Assert.Equal(
            new ReadFrame(FrameKind.Exception, "InternalStreamFailure", """{"Message":"The stream processing failed."}"""), last);
    }

    private static string Path(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, "transcripts", file);

    private static byte[] Load(string name) => File.ReadAllBytes(Path(name + ".eventstream"));

    /// <summary>Where a frame ends by the total lengths alone, and 0.</summary>
    private static HashSet<int> FrameEnds(byte[] stream)
    {
        var ends = new HashSet<int> { 0 };
        for (var end = 0; end < stream.Length; ends.Add(end))
        {
            end += BinaryPrimitives.ReadInt32BigEndian(stream.AsSpan(end));
        }

        return ends;
    }

    private static string[] Summarize(BufferingReader reader) => [.. reader.Frames.Select(frame => $"{frame.Name} {frame.Payload.Length}")];

    private static void AssertGives(string[] frames, FrameError error, BufferingReader reader)
    {
        Assert.Equal(frames, Summarize(reader));
        Assert.Equal(error, reader.Error);
    }
}
