using System.Buffers;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

public class FrameDecoderRefusalTests
{
    private const int PreludeLength = 12;

    private static readonly byte[] PayloadPart = Convert.FromHexString(CheckVectors.PayloadPart);

    [Fact]
    public void OneFlippedBit_IsRefused()
    {
        for (var bit = 0; bit < PayloadPart.Length * 8; bit++)
        {
            byte[] flipped = [.. PayloadPart];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var expected = bit / 8 < PreludeLength ? FrameError.PreludeCrcMismatch : FrameError.MessageCrcMismatch;

            AssertRefused(expected, flipped);
            var trickled = BufferingReader.ReadAll(flipped.Select(value => new[] { value }));
            Assert.Empty(trickled.Frames);
            Assert.Equal(expected, trickled.Error);
        }
    }

    [Fact]
    public void FlippedBitInALaterFrame_KeepsTheFramesBefore()
    {
        byte[] stream = [.. PayloadPart, .. PayloadPart, .. PayloadPart];
        stream[^1] ^= 1;
        var reader = BufferingReader.ReadAll(stream);
        Assert.Equal(2, reader.Frames.Count);
        Assert.Equal(FrameError.MessageCrcMismatch, reader.Error);
    }

    [Fact]
    public void WrongPrelude_IsRefusedBeforeTheRestArrives() =>
        AssertRefused(FrameError.PreludeCrcMismatch, [0x7F, 0xFF, 0xFF, 0xFF, .. PayloadPart[4..PreludeLength]]);

    [Fact]
    public void Refusal_Stays()
    {
        var decoder = new FrameDecoder();
        byte[] flipped = [.. PayloadPart];
        flipped[0] ^= 1;
        Assert.Equal(OperationStatus.InvalidData, decoder.Read(flipped, out _, out _));
        Assert.Equal(OperationStatus.InvalidData, decoder.Read(PayloadPart, out var frame, out var consumed));
        Assert.Equal(0, consumed);
        Assert.True(frame.Payload.IsEmpty);
        Assert.Equal(OperationStatus.InvalidData, decoder.End(PayloadPart));
        Assert.Equal(FrameError.PreludeCrcMismatch, decoder.Error);
    }

    [Fact]
    public void EndInsideAFrame_IsTruncatedAndStays()
    {
        for (var length = 1; length < PayloadPart.Length; length++)
        {
            var decoder = new FrameDecoder();
            Assert.Equal(OperationStatus.NeedMoreData, decoder.Read(PayloadPart.AsSpan(0, length), out _, out _));
            Assert.Equal(OperationStatus.InvalidData, decoder.End(PayloadPart.AsSpan(0, length)));
            Assert.Equal(FrameError.Truncated, decoder.Error);
            Assert.Equal(OperationStatus.InvalidData, decoder.Read(PayloadPart, out _, out _));
        }
    }

    [Fact]
    public void TotalLengthBelowSixteen_IsImpossible()
    {
        for (var totalLength = 0u; totalLength < 16; totalLength++)
        {
            AssertRefused(FrameError.LengthImpossible, SealedFrame.Prelude(totalLength, 0));
        }
    }

    [Theory]
    [InlineData(16u, 1u)]
    [InlineData(61u, 46u)]
    [InlineData(16u, uint.MaxValue)]
    [InlineData(15u, uint.MaxValue)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(uint.MaxValue, uint.MaxValue - 15)]
    public void HeadersWithoutRoom_AreImpossible(uint totalLength, uint headersLength) =>
        AssertRefused(FrameError.LengthImpossible, SealedFrame.Prelude(totalLength, headersLength));

    [Fact]
    public void HeadersLongerThanFrame_AreImpossible() =>
        AssertRefused(FrameError.LengthImpossible, Convert.FromHexString(CheckVectors.HeadersLongerThanFrame));

    [Theory]
    [InlineData(131_073u + 16, 131_073u)]
    [InlineData(uint.MaxValue, uint.MaxValue - 16)]
    [InlineData(uint.MaxValue, 131_073u)]
    public void HeadersAboveTheCap_AreRefusedByThePreludeAlone(uint totalLength, uint headersLength) =>
        AssertRefused(FrameError.HeadersTooLong, SealedFrame.Prelude(totalLength, headersLength));

    [Fact]
    public void PayloadAboveTheCap_IsRefusedByThePreludeAlone() =>
        AssertRefused(FrameError.PayloadTooLong, Convert.FromHexString(CheckVectors.PayloadAboveCap));

    [Theory]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(16u + (24 << 20) + 1, 0u)]
    [InlineData(16u + 131_072 + (24 << 20) + 1, 131_072u)]
    public void PayloadOfAnyLengthAboveTheCap_IsRefused(uint totalLength, uint headersLength) =>
        AssertRefused(FrameError.PayloadTooLong, SealedFrame.Prelude(totalLength, headersLength));

    [Fact]
    public void LengthsAtBothCaps_AreBelieved()
    {
        var decoder = new FrameDecoder();
        var prelude = SealedFrame.Prelude(16u + 131_072 + (24 << 20), 131_072);
        Assert.Equal(OperationStatus.NeedMoreData, decoder.Read(prelude, out _, out _));
        Assert.Equal(16 + 131_072 + (24 << 20), decoder.RequiredLength);
    }

    [Fact]
    public void DefaultDecoder_HasTheFullCap()
    {
        var decoder = default(FrameDecoder);
        Assert.Equal(OperationStatus.NeedMoreData, decoder.Read(SealedFrame.Prelude(16u + (24 << 20), 0), out _, out _));
    }

    [Fact]
    public void LoweredCap_IsTheLimit()
    {
        var decoder = new FrameDecoder(maxPayloadLength: 3);
        Assert.Equal(OperationStatus.Done, decoder.Read(SealedFrame.Create([], "123"u8), out _, out _));
        Assert.Equal(OperationStatus.InvalidData, decoder.Read(SealedFrame.Create([], "1234"u8), out _, out _));
        Assert.Equal(FrameError.PayloadTooLong, decoder.Error);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(FrameDecoder.MaxPayloadLength + 1)]
    public void CapOutOfRange_Throws(int maxPayloadLength) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameDecoder(maxPayloadLength));

    [Theory]
    [InlineData("01", FrameError.HeaderOverrun)]
    [InlineData("0161", FrameError.HeaderOverrun)]
    [InlineData("026100", FrameError.HeaderOverrun)]
    [InlineData("ff6100", FrameError.HeaderOverrun)]
    [InlineData("016102", FrameError.HeaderOverrun)]
    [InlineData("016103ff", FrameError.HeaderOverrun)]
    [InlineData("016104ffffff", FrameError.HeaderOverrun)]
    [InlineData("016105ffffffffffffff", FrameError.HeaderOverrun)]
    [InlineData("016106", FrameError.HeaderOverrun)]
    [InlineData("01610600", FrameError.HeaderOverrun)]
    [InlineData("0161060001", FrameError.HeaderOverrun)]
    [InlineData("016107000278", FrameError.HeaderOverrun)]
    [InlineData("016107ffff78", FrameError.HeaderOverrun)]
    [InlineData("016108ffffffffffffff", FrameError.HeaderOverrun)]
    [InlineData("016109ffffffffffffffffffffffffffffff", FrameError.HeaderOverrun)]
    [InlineData("00", FrameError.HeaderNameEmpty)]
    [InlineData("0000", FrameError.HeaderNameEmpty)]
    [InlineData("01610000", FrameError.HeaderNameEmpty)]
    [InlineData("01610a", FrameError.HeaderTypeUnknown)]
    [InlineData("0161ff00", FrameError.HeaderTypeUnknown)]
    [InlineData("01610001620001630a", FrameError.HeaderTypeUnknown)]
    public void MalformedHeaders_AreFoundBeforeTheFrameIsHandedOut(string headers, FrameError expected)
    {
        // The payload begins with bytes that would complete the header, were it allowed to reach them.
        AssertRefused(expected, SealedFrame.Create(Convert.FromHexString(headers), "0123456789abcdef"u8));
    }

    [Theory]
    [InlineData("0d3a6d6573736167652d74797065")]
    [InlineData("0b3a6576656e742d74797065")]
    [InlineData("0d3a636f6e74656e742d74797065")]
    [InlineData("0f3a657863657074696f6e2d74797065")]
    [InlineData("0b3a6572726f722d636f6465")]
    [InlineData("0e3a6572726f722d6d657373616765")]
    public void HeaderOfTheProtocolTwice_IsRefused(string name)
    {
        var header = Convert.FromHexString(name + "07000178");
        AssertRefused(FrameError.HeaderRepeated, SealedFrame.Create([.. header, .. header], []));
    }

    private static void AssertRefused(FrameError expected, byte[] source)
    {
        var decoder = new FrameDecoder();
        Assert.Equal(OperationStatus.InvalidData, decoder.Read(source, out _, out var consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(expected, decoder.Error);
    }
}
