using System.Buffers;
using System.Buffers.Binary;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.LocalHost.EventStream;

/// <summary>
/// Writes frames of application/vnd.amazon.eventstream, as SageMaker and the Lambda API send them. Text is given as UTF-8.
/// </summary>
/// <remarks>
/// A frame that a decoder would refuse is the caller's mistake and throws <see cref="ArgumentException"/> before anything is
/// written. Headers stand in the order that AWS's services use.
/// </remarks>
public static class FrameEncoder
{
    /// <summary>An event: of SageMaker <c>PayloadPart</c>, of the Lambda API <c>PayloadChunk</c> and <c>InvokeComplete</c>.</summary>
    public static void WriteEvent(
        IBufferWriter<byte> output, ReadOnlySpan<byte> eventType, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> payload) =>
        Write(output, FrameFormat.EventMessage, FrameFormat.EventTypeName, eventType, FrameFormat.ContentTypeName, contentType, payload);

    /// <summary>A failure that the service's model knows; the payload, usually JSON, describes it.</summary>
    public static void WriteException(
        IBufferWriter<byte> output, ReadOnlySpan<byte> exceptionType, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> payload) =>
        Write(
            output,
            FrameFormat.ExceptionMessage,
            FrameFormat.ExceptionTypeName,
            exceptionType,
            FrameFormat.ContentTypeName,
            contentType,
            payload);

    /// <summary>A failure outside the service's model; it has no payload.</summary>
    public static void WriteError(IBufferWriter<byte> output, ReadOnlySpan<byte> errorCode, ReadOnlySpan<byte> errorMessage) =>
        Write(output, FrameFormat.ErrorMessage, FrameFormat.ErrorCodeName, errorCode, FrameFormat.ErrorMessageName, errorMessage, []);

    /// <summary>A frame with any headers, as a <see cref="HeaderWriter"/> wrote them.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        var frame = Begin(output, headers.Length, payload.Length);
        headers.CopyTo(frame[FrameFormat.PreludeLength..]);
        Finish(output, frame, payload);
    }

    // Every frame of the protocol has :message-type, one header that names it and one that describes it.
    private static void Write(
        IBufferWriter<byte> output,
        ReadOnlySpan<byte> messageType,
        ReadOnlySpan<byte> secondName,
        ReadOnlySpan<byte> secondValue,
        ReadOnlySpan<byte> thirdName,
        ReadOnlySpan<byte> thirdValue,
        ReadOnlySpan<byte> payload)
    {
        var headersLength = HeaderWriter.Utf8StringLength(FrameFormat.MessageTypeName, messageType)
            + HeaderWriter.Utf8StringLength(secondName, secondValue)
            + HeaderWriter.Utf8StringLength(thirdName, thirdValue);
        var frame = Begin(output, headersLength, payload.Length);
        var headers = new HeaderWriter(frame.Slice(FrameFormat.PreludeLength, headersLength));
        headers.WriteUtf8String(FrameFormat.MessageTypeName, messageType);
        headers.WriteUtf8String(secondName, secondValue);
        headers.WriteUtf8String(thirdName, thirdValue);
        Finish(output, frame, payload);
    }

    /// <summary>Room for the whole frame, prelude written.</summary>
    private static Span<byte> Begin(IBufferWriter<byte> output, int headersLength, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headersLength, FrameDecoder.MaxHeadersLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, FrameDecoder.MaxPayloadLength);
        var frameLength = FrameFormat.MinFrameLength + headersLength + payloadLength;
        var frame = output.GetSpan(frameLength)[..frameLength];
        BinaryPrimitives.WriteInt32BigEndian(frame, frameLength);
        BinaryPrimitives.WriteInt32BigEndian(frame[FrameFormat.HeadersLengthOffset..], headersLength);
        WriteCrc(frame, FrameFormat.PreludeCrcOffset);
        return frame;
    }

    private static void Finish(IBufferWriter<byte> output, Span<byte> frame, ReadOnlySpan<byte> payload)
    {
        var crcOffset = frame.Length - FrameFormat.CrcLength;
        payload.CopyTo(frame[(crcOffset - payload.Length)..]);
        WriteCrc(frame, crcOffset);
        output.Advance(frame.Length);
    }

    /// <summary>Both CRCs cover everything before them.</summary>
    private static void WriteCrc(Span<byte> frame, int offset) =>
        BinaryPrimitives.WriteUInt32BigEndian(frame[offset..], Crc32.Append(0, frame[..offset]));
}
