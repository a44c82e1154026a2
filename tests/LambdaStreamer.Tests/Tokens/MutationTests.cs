using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Lines;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Tokens;

/// <summary>What containers never wrote: real lines with bytes turned, lost and added, and with values in the wrong places.</summary>
public class MutationTests
{
    /// <summary>No byte of a line is told more than twice. A finish reason that is a failure is told in the reader's own words.</summary>
    private const int MaxToldPerByte = 2;
    private const int OwnWords = 32;

    private static readonly byte[][] Bodies = [.. Transcripts.Bodies.Select(static row => Transcripts.Read(row.Data))];
    private static readonly byte[][] Lines = [.. Bodies.SelectMany(SplitAtLineFeeds).Where(static line => line.Length > 2)];
    private static readonly byte[][] Values = [.. Lines.SelectMany(static line => ValueRanges(line).Select(range => line[range]))];

    [Fact]
    public void MutatedLine_ThrowsNothingAndTellsNoMoreThanTwiceItsLength()
    {
        var kinds = new HashSet<TokenKind>();
        var numbers = Gen.Choose(0, int.MaxValue).ArrayOf(11).ToArbitrary();
        var property = Prop.ForAll(numbers, choices =>
        {
            var line = Mutated(choices);
            foreach (var dialect in Enum.GetValues<Dialect>())
            {
                using var reader = new TokenReader(dialect);
                var token = reader.Read(line);
                kinds.Add(token.Kind);
                var told = Told(token);

                // Enumerating unescapes: nothing that was told may change by it, nor may the next line suffer.
                if (told != Told(token)
                    || told.Length > (MaxToldPerByte * line.Length) + OwnWords
                    || reader.Read("{\"error\":\"\\u0041\"}"u8) is not { Kind: TokenKind.Error, ErrorMessage: [(byte)'A'] })
                {
                    return false;
                }
            }

            return true;
        });
        Check.One(Cases.Config, property);

        // Otherwise the lines were all broken in the same way.
        Assert.Equal(Enum.GetValues<TokenKind>(), kinds.Order());
    }

    [Fact]
    public void BodyCutAnywhere_GivesTheLinesOfItsSplitAtLineFeeds()
    {
        var numbers = Gen.Choose(0, int.MaxValue).ArrayOf().ToArbitrary();
        var property = Prop.ForAll(Gen.Choose(0, Bodies.Length - 1).ToArbitrary(), numbers, (body, cuts) =>
        {
            var bytes = Bodies[body].Where(static single => single != '\r').ToArray();
            var positions = cuts.Select(cut => cut % bytes.Length).Append(0).Append(bytes.Length).Order().ToArray();
            using var reader = new LineReader();
            var lines = new List<byte[]>();
            foreach (var (from, to) in positions.Zip(positions.Skip(1)))
            {
                var part = Cuts.Oversized(bytes[from..to]);
                while (reader.Read(ref part, out var line) == OperationStatus.Done)
                {
                    lines.Add(line.ToArray());
                }
            }

            if (reader.TryReadLast(out var last))
            {
                lines.Add(last.ToArray());
            }

            return lines.Select(Convert.ToHexString).SequenceEqual(SplitAtLineFeeds(bytes).Select(Convert.ToHexString));
        });
        Check.One(Cases.Config, property);
    }

    private static byte[] Mutated(int[] choices)
    {
        var line = Lines[choices[0] % Lines.Length];
        var mutations = 1 + (choices[1] % 3);
        for (var mutation = 0; mutation < mutations && line.Length > 0; mutation++)
        {
            var (kind, where, what) = (choices[2 + (3 * mutation)], choices[3 + (3 * mutation)], choices[4 + (3 * mutation)]);
            line = Mutated(line, kind % 8, where % line.Length, what);
        }

        return line;
    }

    private static byte[] Mutated(byte[] line, int kind, int position, int what)
    {
        var insertable = "{}[]\",:\\u0 dnt-9e.\r"u8;
        switch (kind)
        {
            case 0:
                return [.. line[..position], (byte)(line[position] ^ (1 << (what % 8))), .. line[(position + 1)..]];
            case 1:
                return [.. line[..position], .. line[Math.Min(line.Length, position + 1 + (what % 9))..]];
            case 2:
                return [.. line[..position], insertable[what % insertable.Length], .. line[position..]];
            case 3:
                return line[..position];
            default:
                // Four times as often, because the line stays JSON: a value of any line in the place of one of this line.
                var ranges = ValueRanges(line);
                if (ranges.Count == 0)
                {
                    return line;
                }

                var range = ranges[position % ranges.Count];
                return [.. line[..range.Start], .. Values[what % Values.Length], .. line[range.End..]];
        }
    }

    /// <summary>Where the values of a line stand, down to the last scalar; none if it is no JSON.</summary>
    private static List<Range> ValueRanges(byte[] line)
    {
        var ranges = new List<Range>();
        var start = line.AsSpan().StartsWith("data:"u8) ? "data:"u8.Length : 0;
        var reader = new Utf8JsonReader(line.AsSpan(start));
        var open = new Stack<int>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((int)reader.TokenStartIndex);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        ranges.Add((start + open.Pop())..(start + (int)reader.BytesConsumed));
                        break;
                    case not JsonTokenType.PropertyName:
                        ranges.Add((start + (int)reader.TokenStartIndex)..(start + (int)reader.BytesConsumed));
                        break;
                }
            }
        }
        catch (JsonException)
        {
            return [];
        }

        return ranges;
    }

    private static IEnumerable<byte[]> SplitAtLineFeeds(byte[] body)
    {
        var lines = Encoding.Latin1.GetString(body).Split('\n');
        return (lines[^1].Length == 0 ? lines[..^1] : lines).Select(Encoding.Latin1.GetBytes);
    }

    /// <summary>Every byte that the token lets its reader see.</summary>
    private static string Told(in Token token)
    {
        var told = new ArrayBufferWriter<byte>();
        told.Write(token.Text);
        told.Write(token.Reasoning);
        told.Write(token.Logprob);
        told.Write(token.GeneratedText);
        told.Write(token.Details);
        told.Write(token.ErrorMessage);
        told.Write(token.ErrorType);
        foreach (var top in token.TopTokens)
        {
            told.Write(top.Text);
            told.Write(top.Logprob);
        }

        foreach (var piece in token.ToolCalls)
        {
            told.Write(piece.Id);
            told.Write(piece.Name);
            told.Write(piece.Arguments);
        }

        return Encoding.Latin1.GetString(told.WrittenSpan);
    }
}
