using System.Buffers;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LambdaStreamer.Lines;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// What it costs to get one token's text out of a stream of 1,000 events that comes an event a part. This project gives UTF-8 where it
/// stands, the others a string each. <see cref="TokenReaderAlone"/> is given the lines.
/// </summary>
[MemoryDiagnoser]
public class TokenBenchmarks
{
    private static readonly int TextLength = TokenEvents.Text.Length;
    private static readonly int TextBytes = Encoding.UTF8.GetByteCount(TokenEvents.Text);

    private byte[][] _parts = [];
    private byte[][] _lines = [];

    [GlobalSetup]
    public void CreateParts()
    {
        _parts = TokenEvents.Create();
        _lines = [.. _parts.Select(static part => part[..^2])];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = TokenEvents.Count)]
    public int LineReaderAndTokenReader()
    {
        using var lines = new LineReader();
        using var tokens = new TokenReader();
        var length = 0;
        foreach (var bytes in _parts)
        {
            ReadOnlySpan<byte> part = bytes;
            while (lines.Read(ref part, out var line) == OperationStatus.Done)
            {
                length += tokens.Read(line).Text.Length;
            }
        }

        return Checked(length, TextBytes);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int TokenReaderAlone()
    {
        using var tokens = new TokenReader();
        var length = 0;
        foreach (var line in _lines)
        {
            length += tokens.Read(line).Text.Length;
        }

        return Checked(length, TextBytes);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int StreamReaderAndJsonSerializer()
    {
        using var reader = new StreamReader(new PartStream(_parts));
        var length = 0;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                length += JsonSerializer.Deserialize(line.AsSpan("data:".Length), TgiJson.Default.TgiEvent)!.Token.Text.Length;
            }
        }

        return Checked(length, TextLength);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int SseParserAndJsonDocument()
    {
        var parser = System.Net.ServerSentEvents.SseParser.Create(new PartStream(_parts), static (_, data) =>
        {
            var json = new Utf8JsonReader(data);
            using var document = JsonDocument.ParseValue(ref json);
            return document.RootElement.GetProperty("token"u8).GetProperty("text"u8).GetString()!;
        });
        var length = 0;
        foreach (var item in parser.Enumerate())
        {
            length += item.Data.Length;
        }

        return Checked(length, TextLength);
    }

    private static int Checked(int length, int expected) =>
        length == expected ? length : throw new InvalidOperationException("tokens were lost");
}
