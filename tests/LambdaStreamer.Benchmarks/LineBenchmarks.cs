using System.Buffers;
using BenchmarkDotNet.Attributes;
using LambdaStreamer.Lines;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// What it costs to find the two lines of one event (the data and a blank one) in a stream of 1,000. <see cref="LineFeedScan"/> is the
/// floor: one search for a line feed after another, which keeps no state, gives no lines and cannot cross the border of a part.
/// </summary>
[MemoryDiagnoser]
public class LineBenchmarks
{
    private byte[][] _parts = [];

    public enum Shape
    {
        EventAPart,
        CutEvery1000Bytes,
        EventAPartCrLf,
    }

    [ParamsAllValues]
    public Shape Parts { get; set; }

    [GlobalSetup]
    public void CreateParts() => _parts = Parts switch
    {
        Shape.EventAPart => TokenEvents.Create(),
        Shape.CutEvery1000Bytes => TokenEvents.Cut(TokenEvents.Create(), 1000),
        _ => TokenEvents.Create("\r\n"),
    };

    [Benchmark(Baseline = true, OperationsPerInvoke = TokenEvents.Count)]
    public int LineReader()
    {
        using var reader = new LineReader();
        var events = 0;
        foreach (var bytes in _parts)
        {
            ReadOnlySpan<byte> part = bytes;
            while (reader.Read(ref part, out var line) == OperationStatus.Done)
            {
                events += line.IsEmpty ? 0 : 1;
            }
        }

        return Checked(events);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int LineFeedScan()
    {
        var lineFeeds = 0;
        foreach (var bytes in _parts)
        {
            ReadOnlySpan<byte> part = bytes;
            for (var length = part.IndexOf((byte)'\n'); length >= 0; length = part.IndexOf((byte)'\n'))
            {
                lineFeeds++;
                part = part[(length + 1)..];
            }
        }

        return Checked(lineFeeds / 2);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int SseParser()
    {
        // The item parser makes nothing of the data, so that only the parser itself is measured.
        var parser = System.Net.ServerSentEvents.SseParser.Create(new PartStream(_parts), static (_, data) => data.Length);
        var events = 0;
        foreach (var item in parser.Enumerate())
        {
            events += item.Data == 0 ? 0 : 1;
        }

        return Checked(events);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int StreamReader()
    {
        using var reader = new StreamReader(new PartStream(_parts));
        var events = 0;
        while (reader.ReadLine() is { } line)
        {
            events += line.Length == 0 ? 0 : 1;
        }

        return Checked(events);
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public async Task<int> StreamReaderAsync()
    {
        using var reader = new StreamReader(new PartStream(_parts));
        var events = 0;
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            events += line.Length == 0 ? 0 : 1;
        }

        return Checked(events);
    }

    private static int Checked(int events) =>
        events == TokenEvents.Count ? events : throw new InvalidOperationException("events were lost");
}
