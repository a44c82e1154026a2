using System.Buffers.Text;

namespace LambdaStreamer.EventStream;

/// <summary>
/// One frame whose CRCs and headers were found good. It owns nothing: every span is a view into the bytes that were given
/// to <see cref="FrameDecoder.Read"/>, and ends with them.
/// </summary>
/// <remarks>Text is UTF-8 as sent and not checked; a header that is absent, or is no string, reads as empty.</remarks>
public readonly ref struct Frame
{
    private readonly ReadOnlySpan<byte> _headers;

    private Frame(KnownHeaders known, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        Kind = KindOf(known.MessageType);
        EventType = known.EventType;
        ExceptionType = known.ExceptionType;
        ErrorCode = known.ErrorCode;
        ErrorMessage = known.ErrorMessage;
        ContentType = known.ContentType;
        _headers = headers;
        Payload = payload;
    }

    public FrameKind Kind { get; }

    /// <summary><c>:event-type</c>; of a SageMaker stream <c>PayloadPart</c>.</summary>
    public ReadOnlySpan<byte> EventType { get; }

    /// <summary><c>:exception-type</c>; of a SageMaker stream <c>ModelStreamError</c> or <c>InternalStreamFailure</c>.</summary>
    public ReadOnlySpan<byte> ExceptionType { get; }

    /// <summary><c>:error-code</c>. Services send it as a string or as an int32; the latter reads as its decimal digits.</summary>
    public ReadOnlySpan<byte> ErrorCode { get; }

    /// <summary><c>:error-message</c>.</summary>
    public ReadOnlySpan<byte> ErrorMessage { get; }

    /// <summary><c>:content-type</c> of the payload. Optional: SageMaker is not known to send it always.</summary>
    public ReadOnlySpan<byte> ContentType { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>All headers, in the order sent.</summary>
    public HeaderEnumerator Headers => new(_headers);

    /// <summary>Walks all headers once: what is malformed is found here, before anyone can see the frame.</summary>
    internal static FrameError Parse(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, out Frame frame)
    {
        frame = default;
        var known = default(KnownHeaders);
        var rest = headers;
        while (!rest.IsEmpty)
        {
            var error = Header.Read(rest, out var header, out var length);
            if (error != FrameError.None)
            {
                return error;
            }

            if (!known.TryKeep(header))
            {
                return FrameError.HeaderRepeated;
            }

            rest = rest[length..];
        }

        frame = new Frame(known, headers, payload);
        return FrameError.None;
    }

    private static FrameKind KindOf(ReadOnlySpan<byte> messageType)
    {
        if (messageType.SequenceEqual(FrameFormat.EventMessage))
        {
            return FrameKind.Event;
        }

        if (messageType.SequenceEqual(FrameFormat.ExceptionMessage))
        {
            return FrameKind.Exception;
        }

        return messageType.SequenceEqual(FrameFormat.ErrorMessage) ? FrameKind.Error : FrameKind.Unknown;
    }

    /// <summary>The values of the six headers that the protocol defines.</summary>
    private ref struct KnownHeaders
    {
        public ReadOnlySpan<byte> MessageType;
        public ReadOnlySpan<byte> EventType;
        public ReadOnlySpan<byte> ExceptionType;
        public ReadOnlySpan<byte> ErrorCode;
        public ReadOnlySpan<byte> ErrorMessage;
        public ReadOnlySpan<byte> ContentType;
        private Seen _seen;

        [Flags]
        private enum Seen
        {
            None = 0,
            MessageType = 1,
            EventType = 2,
            ExceptionType = 4,
            ErrorCode = 8,
            ErrorMessage = 16,
            ContentType = 32,
        }

        /// <summary>False when a header that the protocol defines was seen before.</summary>
        public bool TryKeep(Header header)
        {
            var name = header.Name;
            if (name[0] != (byte)':')
            {
                return true;
            }

            var text = header.Type == HeaderType.String ? header.Value : default;
            if (name.SequenceEqual(FrameFormat.MessageTypeName))
            {
                MessageType = text;
                return TryMark(Seen.MessageType);
            }

            if (name.SequenceEqual(FrameFormat.EventTypeName))
            {
                EventType = text;
                return TryMark(Seen.EventType);
            }

            if (name.SequenceEqual(FrameFormat.ContentTypeName))
            {
                ContentType = text;
                return TryMark(Seen.ContentType);
            }

            if (name.SequenceEqual(FrameFormat.ExceptionTypeName))
            {
                ExceptionType = text;
                return TryMark(Seen.ExceptionType);
            }

            if (name.SequenceEqual(FrameFormat.ErrorCodeName))
            {
                ErrorCode = header.Type == HeaderType.Int32 ? Digits(header.GetInt32()) : text;
                return TryMark(Seen.ErrorCode);
            }

            if (name.SequenceEqual(FrameFormat.ErrorMessageName))
            {
                ErrorMessage = text;
                return TryMark(Seen.ErrorMessage);
            }

            return true;
        }

        private bool TryMark(Seen header)
        {
            var isFirst = (_seen & header) == 0;
            _seen |= header;
            return isFirst;
        }

        // The one allocation of the decoder. An error frame ends the stream, so it happens once at most.
        private static byte[] Digits(int number)
        {
            Span<byte> digits = stackalloc byte[11];
            Utf8Formatter.TryFormat(number, digits, out var written);
            return digits[..written].ToArray();
        }
    }
}
