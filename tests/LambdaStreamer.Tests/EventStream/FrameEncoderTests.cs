using System.Buffers;
using LambdaStreamer.EventStream;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.Tests.EventStream;

public class FrameEncoderTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void PayloadPart_HasTheBytesOfTheCheckVector()
    {
        FrameEncoder.WriteEvent(_output, "PayloadPart"u8, "application/octet-stream"u8, "data:{\"x\":1}\n\n"u8);
        AssertWrote(CheckVectors.PayloadPart);
    }

    [Fact]
    public void Error_HasTheBytesOfTheVector()
    {
        FrameEncoder.WriteError(_output, "code"u8, "message"u8);
        AssertWrote(CheckVectors.Error);
    }

    [Theory]
    [InlineData("22-internal-stream-failure", "InternalStreamFailure", """{"Message":"The stream processing failed."}""")]
    [InlineData(
        "21-parts-then-model-stream-error",
        "ModelStreamError",
        "{\"Message\":\"Your model primary did not complete sending the inference response in the allotted time.\"," +
        "\"ErrorCode\":\"ModelInvocationTimeExceeded\"}")]
    public void Exception_HasTheBytesOfTheTranscript(string transcript, string exceptionType, string json)
    {
        var recorded = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "transcripts", transcript + ".eventstream"));
        FrameEncoder.WriteException(_output, Utf8(exceptionType), "application/json"u8, Utf8(json));
        Assert.Equal(recorded[^_output.WrittenCount..], _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void UnmodeledError_HasTheBytesOfTheTranscript()
    {
        FrameEncoder.WriteError(_output, "InternalError"u8, "An internal server error occurred."u8);
        var recorded = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "transcripts", "23-unmodeled-error.eventstream"));
        Assert.Equal(recorded, _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void NoHeadersAndNoPayload_HaveTheBytesOfTheVector()
    {
        FrameEncoder.Write(_output, [], []);
        AssertWrote(CheckVectors.Empty);
    }

    [Fact]
    public void HeadersOfEveryType_HaveTheBytesOfTheVector()
    {
        Span<byte> destination = stackalloc byte[128];
        var headers = new HeaderWriter(destination);
        headers.WriteBoolean("0"u8, true);
        headers.WriteBoolean("1"u8, false);
        headers.WriteInt8("2"u8, 2);
        headers.WriteInt16("3"u8, 3);
        headers.WriteInt32("4"u8, 4);
        headers.WriteInt64("5"u8, 5);
        headers.WriteBytes("6"u8, "bytes"u8);
        headers.WriteUtf8String("7"u8, "utf8"u8);
        headers.WriteTimestamp("8"u8, 8);
        headers.WriteUuid("9"u8, Guid.Parse("30313233-3435-3637-3839-616263646566"));

        FrameEncoder.Write(_output, destination[..headers.Length], []);
        AssertWrote(CheckVectors.AllHeaderTypes);
    }

    [Fact]
    public void SeveralFrames_FollowEachOther()
    {
        FrameEncoder.WriteError(_output, "code"u8, "message"u8);
        FrameEncoder.Write(_output, [], []);
        AssertWrote(CheckVectors.Error + CheckVectors.Empty);
    }

    [Fact]
    public void FrameAtBothCaps_IsReadBack()
    {
        var headers = new byte[FrameDecoder.MaxHeadersLength];
        var writer = new HeaderWriter(headers);
        for (var name = (byte)'a'; headers.Length - writer.Length > HeaderWriter.MaxValueLength; name++)
        {
            writer.WriteBytes([name], new byte[HeaderWriter.MaxValueLength]);
        }

        writer.WriteBytes("z"u8, new byte[headers.Length - writer.Length - 5]);
        Assert.Equal(headers.Length, writer.Length);

        FrameEncoder.Write(_output, headers, new byte[FrameDecoder.MaxPayloadLength]);
        Assert.Equal(OperationStatus.Done, new FrameDecoder().Read(_output.WrittenSpan, out var frame, out var consumed));
        Assert.Equal(_output.WrittenCount, consumed);
        Assert.Equal(FrameDecoder.MaxPayloadLength, frame.Payload.Length);
    }

    [Fact]
    public void AboveACap_ThrowsAndWritesNothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameEncoder.Write(_output, new byte[FrameDecoder.MaxHeadersLength + 1], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameEncoder.Write(_output, [], new byte[FrameDecoder.MaxPayloadLength + 1]));
        Assert.Throws<ArgumentException>(() => FrameEncoder.WriteError(_output, new byte[HeaderWriter.MaxValueLength + 1], []));
        Assert.Equal(0, _output.WrittenCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void NameWithoutALengthByte_Throws(int nameLength) =>
        Assert.Throws<ArgumentException>(() => new HeaderWriter(new byte[512]).WriteBoolean(new byte[nameLength], true));

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private void AssertWrote(string hex) => Assert.Equal(hex, Convert.ToHexStringLower(_output.WrittenSpan));
}
