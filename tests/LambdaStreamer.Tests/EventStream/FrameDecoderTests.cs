using System.Buffers;
using System.Text;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

public class FrameDecoderTests
{
    private static readonly byte[] PayloadPart = Convert.FromHexString(CheckVectors.PayloadPart);

    [Fact]
    public void PayloadPart_IsReadInPlace()
    {
        var decoder = new FrameDecoder();
        Assert.Equal(OperationStatus.Done, decoder.Read(PayloadPart, out var frame, out var consumed));
        Assert.Equal(PayloadPart.Length, consumed);
        Assert.Equal(FrameKind.Event, frame.Kind);
        Assert.Equal("PayloadPart", Encoding.UTF8.GetString(frame.EventType));
        Assert.Equal("application/octet-stream", Encoding.UTF8.GetString(frame.ContentType));
        Assert.Equal("data:{\"x\":1}\n\n", Encoding.UTF8.GetString(frame.Payload));
        Assert.True(frame.Payload.Overlaps(PayloadPart), "the payload is a copy");
    }

    [Theory]
    [InlineData(CheckVectors.Empty, "")]
    [InlineData(CheckVectors.PayloadWithoutHeaders, "{'foo':'bar'}")]
    [InlineData(CheckVectors.OneStringHeader, "{'foo':'bar'}")]
    [InlineData(CheckVectors.AllHeaderTypes, "")]
    public void FrameWithoutMessageType_IsUnknown(string hex, string payload) =>
        Assert.Equal([new ReadFrame(FrameKind.Unknown, "", payload)], BufferingReader.ReadAll(Convert.FromHexString(hex)).Frames);

    [Fact]
    public void BytesAfterTheFrame_AreLeft()
    {
        byte[] source = [.. PayloadPart, .. "rest"u8];
        Assert.Equal(OperationStatus.Done, new FrameDecoder().Read(source, out _, out var consumed));
        Assert.Equal(PayloadPart.Length, consumed);
    }

    [Fact]
    public void NoBytes_NeedMore()
    {
        var decoder = new FrameDecoder();
        Assert.Equal(OperationStatus.NeedMoreData, decoder.Read([], out _, out var consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(OperationStatus.Done, decoder.End([]));
    }

    [Fact]
    public void RequiredLength_IsThatOfTheSmallestFrameUntilThePreludeIsVerified()
    {
        var decoder = new FrameDecoder();
        for (var length = 0; length < PayloadPart.Length; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, decoder.Read(PayloadPart.AsSpan(0, length), out _, out var consumed));
            Assert.Equal(0, consumed);
            Assert.Equal(length < 12 ? 16 : PayloadPart.Length, decoder.RequiredLength);
        }

        Assert.Equal(OperationStatus.Done, decoder.Read(PayloadPart, out _, out _));
        Assert.Equal(16, decoder.RequiredLength);
    }

    [Fact]
    public void HashedBytes_AreNotHashedAgain()
    {
        // Breaks the promise that bytes stay the same, to see that those already hashed are not looked at a second time.
        byte[] source = [.. PayloadPart];
        var decoder = new FrameDecoder();
        Assert.Equal(OperationStatus.NeedMoreData, decoder.Read(source.AsSpan(0, source.Length - 1), out _, out _));
        source[^6] ^= 0xFF;
        Assert.Equal(OperationStatus.Done, decoder.Read(source, out _, out _));
    }

    [Fact]
    public void AllFramesOfOneRead_AreReadWithoutAllocation()
    {
        var stream = Enumerable.Repeat(PayloadPart, 1000).SelectMany(frame => frame).ToArray();
        Assert.Equal(1000, CountParts(stream));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var parts = CountParts(stream);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, parts);
    }

    [Fact]
    public void FrameOfManyReads_IsReadWithoutAllocation()
    {
        Assert.Equal(OperationStatus.Done, Trickle(PayloadPart));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var status = Trickle(PayloadPart);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(OperationStatus.Done, status);
    }

    private static int CountParts(ReadOnlySpan<byte> stream)
    {
        var decoder = new FrameDecoder();
        var parts = 0;
        while (decoder.Read(stream, out var frame, out var consumed) == OperationStatus.Done)
        {
            parts += frame.EventType.SequenceEqual("PayloadPart"u8) ? 1 : 0;
            foreach (var header in frame.Headers)
            {
                parts += header.Name.IsEmpty ? 1 : 0;
            }

            stream = stream[consumed..];
        }

        return parts;
    }

    private static OperationStatus Trickle(ReadOnlySpan<byte> frame)
    {
        var decoder = new FrameDecoder();
        var status = OperationStatus.NeedMoreData;
        for (var length = 1; length <= frame.Length; length++)
        {
            status = decoder.Read(frame[..length], out _, out _);
        }

        return status;
    }
}
