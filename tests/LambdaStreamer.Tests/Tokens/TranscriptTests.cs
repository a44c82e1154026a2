using System.Text;

namespace LambdaStreamer.Tests.Tokens;

/// <summary>Every container's answer, however it arrives, says what the manifest expects of it.</summary>
public class TranscriptTests
{
    private const int RandomCuts = 200;

    public static MatrixTheoryData<string, string> BodiesAndLineEnds => new(
        Transcripts.Bodies.Select(static row => row.Data), ["\n", "\r\n"]);

    [Theory]
    [MemberData(nameof(BodiesAndLineEnds))]
    public void EveryCut_GivesTheManifestsAnswer(string file, string lineEnd)
    {
        var expected = ReadAnswer.Expected(Transcripts.Entry(file).GetProperty("expected"));
        foreach (var pieces in Cuts.Of(Body(file, lineEnd)))
        {
            Assert.Equal(expected, ReadAnswer.Of(pieces));
        }
    }

    [Theory]
    [MemberData(nameof(BodiesAndLineEnds))]
    public void ManyCutsAtOnce_GiveTheManifestsAnswer(string file, string lineEnd)
    {
        var expected = ReadAnswer.Expected(Transcripts.Entry(file).GetProperty("expected"));
        var body = Body(file, lineEnd);
        var random = new Random(20261122);
        for (var round = 0; round < RandomCuts; round++)
        {
            // From two pieces to as many as there are bytes, empty ones among them.
            var positions = Enumerable.Range(0, random.Next(1, body.Length)).Select(_ => random.Next(body.Length + 1))
                .Append(0).Append(body.Length).Order().ToArray();
            byte[][] pieces = [.. positions.Zip(positions.Skip(1), (from, to) => body[from..to])];
            Assert.Equal(expected, ReadAnswer.Of(pieces));
        }
    }

    [Fact]
    public void Manifest_NamesEveryFileWithItsLength() =>
        Assert.Equal(
            Transcripts.Files().Select(static file => $"{file} {Transcripts.Read(file).Length}").Order(),
            Transcripts.Entries().Select(static entry => $"{entry.GetProperty("file")} {entry.GetProperty("bytes")}").Order());

    private static byte[] Body(string file, string lineEnd) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Transcripts.Read(file)).Replace("\r\n", "\n").Replace("\n", lineEnd));
}
