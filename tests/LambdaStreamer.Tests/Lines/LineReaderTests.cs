using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Lines;

namespace LambdaStreamer.Tests.Lines;

public class LineReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("a\r\nb\r\n", "a", "b")]
    [InlineData("a\rb\r", "a", "b")]
    [InlineData("a\n\nb", "a", "", "b")]
    [InlineData("a\r\n\r\nb", "a", "", "b")]
    [InlineData("a\r\rb", "a", "", "b")]
    [InlineData("\n\r\n\r", "", "", "")]
    [InlineData("a\n\rb", "a", "", "b")]
    [InlineData("data: 富士山🗻\r\n\r\n", "data: 富士山🗻", "")]
    public void EveryCut_GivesTheSameLines(string wire, params string[] expected)
    {
        foreach (var pieces in Cuts.Of(Encoding.UTF8.GetBytes(wire)))
        {
            Assert.Equal(expected, Read(pieces));
        }
    }

    [Fact]
    public void RandomBytesRandomlyCut_GiveTheLinesOfTheWhole()
    {
        // Few distinct bytes, so that line ends meet each other and the cuts.
        var bytes = Gen.Elements((byte)'a', (byte)'\n', (byte)'\r', (byte)0xE5).ArrayOf();
        var cutAt = Gen.Choose(0, 1000).ArrayOf();
        var property = Prop.ForAll(bytes.ToArbitrary(), cutAt.ToArbitrary(), (wire, cuts) =>
        {
            var positions = cuts.Select(cut => wire.Length == 0 ? 0 : cut % wire.Length).Append(0).Append(wire.Length).Distinct().Order().ToArray();
            var pieces = positions.Zip(positions.Skip(1), (from, to) => wire[from..to]).ToArray();
            return Read(pieces).SequenceEqual(LinesOfTheWhole(wire));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(10_000), property);
    }

    [Fact]
    public void LineEndAtTheEndOfAPart_GivesTheLineAtOnce()
    {
        using var reader = new LineReader();
        var part = "a\r"u8;
        Assert.Equal(OperationStatus.Done, reader.Read(ref part, out var line));
        Assert.Equal("a"u8, line);

        part = "\nb\n"u8;
        Assert.Equal(OperationStatus.Done, reader.Read(ref part, out line));
        Assert.Equal("b"u8, line);
    }

    [Theory]
    [InlineData("abcd\n", true)]
    [InlineData("abcde\n", false)]
    [InlineData("abcde", false)]
    public void LineOverTheCap_IsInvalidAtEveryCutAndStaysSo(string wire, bool fits)
    {
        foreach (var pieces in Cuts.Of(Encoding.UTF8.GetBytes(wire)))
        {
            using var reader = new LineReader(maxLineLength: 4);
            var status = OperationStatus.NeedMoreData;
            foreach (var piece in pieces)
            {
                var part = Cuts.Oversized(piece);
                while ((status = reader.Read(ref part, out _)) == OperationStatus.Done)
                {
                }
            }

            Assert.Equal(fits ? OperationStatus.NeedMoreData : OperationStatus.InvalidData, status);
            var more = "\nx\n"u8;
            Assert.Equal(fits ? OperationStatus.Done : OperationStatus.InvalidData, reader.Read(ref more, out _));
            Assert.False(reader.TryReadLast(out _));
        }
    }

    [Fact]
    public void LinesWithinAndAcrossParts_AllocateNothing()
    {
        using var reader = new LineReader();
        var parts = Enumerable.Repeat(Encoding.UTF8.GetBytes("data: {\"token\":1}\n\ndata: {\"tok"), 100).ToArray();
        var allocated = Allocations.Of(() =>
        {
            foreach (var bytes in parts)
            {
                ReadOnlySpan<byte> part = bytes;
                while (reader.Read(ref part, out _) == OperationStatus.Done)
                {
                }
            }
        });
        Assert.Equal(0, allocated);
    }

    private static List<string> Read(byte[][] pieces)
    {
        using var reader = new LineReader();
        var lines = new List<string>();
        foreach (var piece in pieces)
        {
            var part = Cuts.Oversized(piece);
            while (reader.Read(ref part, out var line) == OperationStatus.Done)
            {
                lines.Add(Encoding.Latin1.GetString(line));
            }
        }

        if (reader.TryReadLast(out var last))
        {
            lines.Add(Encoding.Latin1.GetString(last));
        }

        return [.. lines.Select(static line => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line)))];
    }

    private static IEnumerable<string> LinesOfTheWhole(byte[] wire)
    {
        var lines = Encoding.Latin1.GetString(wire).Replace("\r\n", "\n").Replace('\r', '\n').Split('\n');
        var withoutEmptyEnd = lines[^1].Length == 0 ? lines[..^1] : lines;
        return withoutEmptyEnd.Select(static line => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line)));
    }
}
