using System.Buffers;
using System.Buffers.Binary;
using LambdaStreamer.EventStream;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.Tests.Stress;

/// <summary>What inputs are made from: every transcript as a container writes it, and as SageMaker frames it.</summary>
internal static class FuzzSeeds
{
    private const int PartLength = 100;
    private const int MaxBelievedLength = 256 * 1024;

    private const string EventStreamEnding = ".eventstream";

    public static byte[][] Bodies { get; } =
    [
        .. Transcripts.Files().Order(StringComparer.Ordinal)
            .Where(static file => !file.EndsWith(EventStreamEnding, StringComparison.Ordinal)).Select(Transcripts.Read),
    ];

    /// <summary>
    /// Each body in one frame and in frames of 100 bytes, and as many recorded streams, which hold all that is no payload part.
    /// </summary>
    public static byte[][] Streams { get; } =
    [
        .. Bodies.Select(static body => Framed(body, body.Length)),
        .. Bodies.Select(static body => Framed(body, PartLength)),
        .. Enumerable.Repeat(RecordedStreams(), Bodies.Length / RecordedStreams().Length).SelectMany(static streams => streams),
    ];

    /// <summary>One event of the payload.</summary>
    public static void Frame(IBufferWriter<byte> output, ReadOnlySpan<byte> payload) =>
        FrameEncoder.WriteEvent(output, "PayloadPart"u8, "application/octet-stream"u8, payload);

    /// <summary>
    /// Makes both checksums right for the lengths that the frame at <paramref name="start"/> states, so that a decoder goes by them. Not
    /// for the megabytes that a decoder would believe: a reader makes room for them, and what the pool keeps of that would hide a leak.
    /// </summary>
    /// <returns>Where the next frame would begin.</returns>
    public static int Seal(Span<byte> stream, int start)
    {
        if (stream.Length - start < FrameFormat.MinFrameLength)
        {
            return stream.Length;
        }

        var frame = stream[start..];
        var length = BinaryPrimitives.ReadUInt32BigEndian(frame);
        if (length is > MaxBelievedLength and <= FrameDecoder.MaxPayloadLength + FrameDecoder.MaxHeadersLength + FrameFormat.MinFrameLength)
        {
            return stream.Length;
        }

        var preludeCrc = Crc32.Append(0, frame[..FrameFormat.PreludeCrcOffset]);
        BinaryPrimitives.WriteUInt32BigEndian(frame[FrameFormat.PreludeCrcOffset..], preludeCrc);
        if (length < FrameFormat.MinFrameLength || length > frame.Length)
        {
            return stream.Length;
        }

        var crcOffset = (int)length - FrameFormat.CrcLength;
        BinaryPrimitives.WriteUInt32BigEndian(frame[crcOffset..], Crc32.Append(0, frame[..crcOffset]));
        return start + (int)length;
    }

    private static byte[][] RecordedStreams() =>
    [
        .. Transcripts.Files().Order(StringComparer.Ordinal)
            .Where(static file => file.EndsWith(EventStreamEnding, StringComparison.Ordinal)).Select(Transcripts.Read),
    ];

    private static byte[] Framed(byte[] body, int partLength)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var part in body.Chunk(partLength))
        {
            Frame(output, part);
        }

        return output.WrittenSpan.ToArray();
    }
}
