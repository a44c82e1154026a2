namespace LambdaStreamer.EventStream;

/// <summary>What is wrong with a frame. All of them end the stream: after one, no later frame boundary can be trusted.</summary>
public enum FrameError
{
    None,

    /// <summary>The first 8 bytes and their CRC disagree: not an event stream, or bytes lost before here.</summary>
    PreludeCrcMismatch,

    /// <summary>The total length has no room for the headers that the prelude announces, or is below 16.</summary>
    LengthImpossible,

    /// <summary>More header bytes than <see cref="FrameDecoder.MaxHeadersLength"/>.</summary>
    HeadersTooLong,

    /// <summary>More payload bytes than the decoder's cap.</summary>
    PayloadTooLong,

    /// <summary>The prelude was good; headers, payload or the message CRC itself were altered.</summary>
    MessageCrcMismatch,

    /// <summary>A header runs over the end of the headers.</summary>
    HeaderOverrun,

    /// <summary>A header's name has no bytes.</summary>
    HeaderNameEmpty,

    /// <summary>A header's type is none of <see cref="HeaderType"/>, so the length of its value is unknown.</summary>
    HeaderTypeUnknown,

    /// <summary>A header that the protocol defines occurs twice, so that two readers could disagree on what the frame is.</summary>
    HeaderRepeated,

    /// <summary>The connection ended inside a frame.</summary>
    Truncated,
}
