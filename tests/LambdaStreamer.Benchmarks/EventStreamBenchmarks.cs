using System.Buffers;
using Amazon.Runtime.EventStreams;
using Amazon.Runtime.EventStreams.Internal;
using BenchmarkDotNet.Attributes;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Benchmarks;

/// <summary>What one payload part costs, in a stream of 1,000 that lies in memory; and what of that is the CRC.</summary>
[MemoryDiagnoser]
public class EventStreamBenchmarks
{
    private const int Parts = 1000;

    private byte[] _part = [];
    private byte[] _stream = [];

    /// <summary>Bytes of payload: a frame of 130 bytes, one of 235 as a TGI token event fills it, and one with much text.</summary>
    [Params(25, 130, 4096)]
    public int PayloadLength { get; set; }

    [GlobalSetup]
    public void CreateStream()
    {
        _part = new EventStreamMessage(
            [Header(":message-type", "event"), Header(":event-type", "PayloadPart"), Header(":content-type", "application/octet-stream")],
            new byte[PayloadLength]).ToByteArray();
        _stream = [.. Enumerable.Repeat(_part, Parts).SelectMany(bytes => bytes)];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Parts)]
    public int FrameDecoder()
    {
        var decoder = new FrameDecoder();
        ReadOnlySpan<byte> rest = _stream;
        var payloadLength = 0;
        while (decoder.Read(rest, out var frame, out var consumed) == OperationStatus.Done)
        {
            if (frame.Kind == FrameKind.Event && frame.EventType.SequenceEqual("PayloadPart"u8))
            {
                payloadLength += frame.Payload.Length;
            }

            rest = rest[consumed..];
        }

        return Checked(payloadLength);
    }

    [Benchmark(OperationsPerInvoke = Parts)]
    public int AwsSdkDecoder()
    {
        var payloadLength = 0;
        using var decoder = new EventStreamDecoder();
        decoder.MessageReceived += (_, received) =>
        {
            var headers = received.Message.Headers;
            if (headers[":message-type"].AsString() == "event" && headers[":event-type"].AsString() == "PayloadPart")
            {
                payloadLength += received.Message.Payload.Length;
            }
        };
        decoder.ProcessData(_stream, 0, _stream.Length);
        return Checked(payloadLength);
    }

    [Benchmark(OperationsPerInvoke = Parts)]
    public uint Crc()
    {
        var crc = 0u;
        for (var part = 0; part < Parts; part++)
        {
            crc = Crc32.Append(crc, _part);
        }

        return crc;
    }

    [Benchmark(OperationsPerInvoke = Parts)]
    public uint CrcByTables()
    {
        var crc = 0u;
        for (var part = 0; part < Parts; part++)
        {
            crc = Crc32.AppendByTables(crc, _part);
        }

        return crc;
    }

    private static EventStreamHeader Header(string name, string value)
    {
        var header = new EventStreamHeader(name);
        header.SetString(value);
        return header;
    }

    private int Checked(int payloadLength) =>
        payloadLength == Parts * PayloadLength ? payloadLength : throw new InvalidOperationException("parts were lost");
}
