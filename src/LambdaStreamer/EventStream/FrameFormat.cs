namespace LambdaStreamer.EventStream;

/// <summary>
/// The layout of application/vnd.amazon.eventstream, for the decoder here and the local twin's encoder.
/// Source: the event stream encoding pages of Amazon Lex V2 and Amazon Transcribe, and botocore's <c>eventstream.py</c>.
/// </summary>
/// <remarks>
/// Everything is big endian:
/// <code>
/// total length u32 | headers length u32 | prelude CRC u32 | headers | payload | message CRC u32
/// header = name length u8 | name | type u8 | value
/// </code>
/// The prelude CRC covers the first 8 bytes; the message CRC covers every byte before it, the prelude CRC included.
/// </remarks>
internal static class FrameFormat
{
    public const int HeadersLengthOffset = 4;
    public const int PreludeCrcOffset = 8;
    public const int PreludeLength = 12;
    public const int CrcLength = 4;

    /// <summary>A frame without headers and payload.</summary>
    public const int MinFrameLength = PreludeLength + CrcLength;

    public static ReadOnlySpan<byte> MessageTypeName => ":message-type"u8;
    public static ReadOnlySpan<byte> EventTypeName => ":event-type"u8;
    public static ReadOnlySpan<byte> ContentTypeName => ":content-type"u8;
    public static ReadOnlySpan<byte> ExceptionTypeName => ":exception-type"u8;
    public static ReadOnlySpan<byte> ErrorCodeName => ":error-code"u8;
    public static ReadOnlySpan<byte> ErrorMessageName => ":error-message"u8;

    public static ReadOnlySpan<byte> EventMessage => "event"u8;
    public static ReadOnlySpan<byte> ExceptionMessage => "exception"u8;
    public static ReadOnlySpan<byte> ErrorMessage => "error"u8;
}
