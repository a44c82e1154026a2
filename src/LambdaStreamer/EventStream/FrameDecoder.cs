using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;

namespace LambdaStreamer.EventStream;

/// <summary>
/// Cuts a stream of application/vnd.amazon.eventstream into frames. It does no I/O and keeps no bytes: the caller owns the
/// buffer, this is only what must be remembered between two looks at it.
/// </summary>
/// <remarks>
/// <para>
/// The invariant: <c>_crc</c> is the CRC of the current frame's first <c>_hashedTo</c> bytes, and <c>_frameLength</c> is zero
/// until the prelude that announces it has passed its own CRC. So no length is believed that was not verified, and a frame
/// that arrives in many reads is hashed once; hashing it anew at each read would be quadratic in the number of reads.
/// </para>
/// <para>
/// Calling protocol: give <see cref="Read"/> the buffered bytes from the first one not yet consumed; on
/// <see cref="OperationStatus.Done"/> drop <c>consumed</c> bytes and call again; on <see cref="OperationStatus.NeedMoreData"/> keep
/// them all, make room for <see cref="RequiredLength"/>, append what arrives and call again. When the connection ends, ask
/// <see cref="End"/>. It is a mutable struct: keep it in a field or local that is not read-only, and do not copy it.
/// </para>
/// </remarks>
public struct FrameDecoder
{
    /// <summary>Bytes of headers in one frame; botocore's limit.</summary>
    public const int MaxHeadersLength = 128 * 1024;

    /// <summary>Bytes of payload in one frame; botocore's limit.</summary>
    public const int MaxPayloadLength = 24 * 1024 * 1024;

    private readonly int _payloadCapLoweredBy;
    private int _frameLength;
    private int _headersLength;
    private int _hashedTo;
    private uint _crc;

    /// <summary>A decoder with a lower payload cap. The default value of this type is a decoder with the full one.</summary>
    /// <param name="maxPayloadLength">Bytes, at most <see cref="MaxPayloadLength"/>.</param>
    public FrameDecoder(int maxPayloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxPayloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxPayloadLength, MaxPayloadLength);
        _payloadCapLoweredBy = MaxPayloadLength - maxPayloadLength;
    }

    /// <summary>Why <see cref="Read"/> or <see cref="End"/> said <see cref="OperationStatus.InvalidData"/>. Once set it stays.</summary>
    public FrameError Error { get; private set; }

    /// <summary>
    /// Bytes that the current frame needs as far as is known, counted from its first one: those of the smallest frame until
    /// the prelude was verified, then those of the whole frame, which the caps bound.
    /// </summary>
    public readonly int RequiredLength => _frameLength == 0 ? FrameFormat.MinFrameLength : _frameLength;

    /// <summary>Takes one frame off the start of <paramref name="source"/>.</summary>
    /// <param name="source">
    /// All bytes from the first one not yet consumed. From call to call it may move and grow at its end; what was there stays the same.
    /// </param>
    /// <param name="frame">Views into <paramref name="source"/>; only set on <see cref="OperationStatus.Done"/>.</param>
    /// <param name="consumed">The frame's length on <see cref="OperationStatus.Done"/>, otherwise zero.</param>
    public OperationStatus Read(ReadOnlySpan<byte> source, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (Error != FrameError.None)
        {
            return OperationStatus.InvalidData;
        }

        // :: Step 1: the prelude, once per frame
        if (_frameLength == 0)
        {
            if (source.Length < FrameFormat.PreludeLength)
            {
                return OperationStatus.NeedMoreData;
            }

            Error = ReadPrelude(source);
            if (Error != FrameError.None)
            {
                return OperationStatus.InvalidData;
            }
        }

        // :: Step 2: hash what has arrived since the last call
        Debug.Assert(source.Length >= _hashedTo, "bytes of an unfinished frame were dropped");
        var crcOffset = _frameLength - FrameFormat.CrcLength;
        var arrivedTo = Math.Min(source.Length, crcOffset);
        _crc = Crc32.Append(_crc, source[_hashedTo..arrivedTo]);
        _hashedTo = arrivedTo;
        if (source.Length < _frameLength)
        {
            return OperationStatus.NeedMoreData;
        }

        // :: Step 3: the message CRC, before any header is looked at
        if (BinaryPrimitives.ReadUInt32BigEndian(source[crcOffset..]) != _crc)
        {
            Error = FrameError.MessageCrcMismatch;
            return OperationStatus.InvalidData;
        }

        // :: Step 4: the headers
        var headers = source.Slice(FrameFormat.PreludeLength, _headersLength);
        var payload = source[(FrameFormat.PreludeLength + _headersLength)..crcOffset];
        Error = Frame.Parse(headers, payload, out frame);
        if (Error != FrameError.None)
        {
            return OperationStatus.InvalidData;
        }

        consumed = _frameLength;
        _frameLength = 0;
        return OperationStatus.Done;
    }

    /// <summary>
    /// The connection has ended. <see cref="OperationStatus.Done"/> if it ended between two frames; with bytes left over, the last
    /// frame was cut and <see cref="Error"/> becomes <see cref="FrameError.Truncated"/>.
    /// </summary>
    /// <param name="unconsumed">What is left after <see cref="Read"/> asked for more data.</param>
    public OperationStatus End(ReadOnlySpan<byte> unconsumed)
    {
        if (Error == FrameError.None && !unconsumed.IsEmpty)
        {
            Error = FrameError.Truncated;
        }

        return Error == FrameError.None ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    private FrameError ReadPrelude(ReadOnlySpan<byte> source)
    {
        var crc = Crc32.Append(0, source[..FrameFormat.PreludeCrcOffset]);
        if (BinaryPrimitives.ReadUInt32BigEndian(source[FrameFormat.PreludeCrcOffset..]) != crc)
        {
            return FrameError.PreludeCrcMismatch;
        }

        // A good CRC proves that the lengths are those the peer wrote, not that they make sense. As longs they cannot wrap.
        long totalLength = BinaryPrimitives.ReadUInt32BigEndian(source);
        long headersLength = BinaryPrimitives.ReadUInt32BigEndian(source[FrameFormat.HeadersLengthOffset..]);
        var payloadLength = totalLength - FrameFormat.MinFrameLength - headersLength;
        if (payloadLength < 0)
        {
            return FrameError.LengthImpossible;
        }

        if (headersLength > MaxHeadersLength)
        {
            return FrameError.HeadersTooLong;
        }

        if (payloadLength > MaxPayloadLength - _payloadCapLoweredBy)
        {
            return FrameError.PayloadTooLong;
        }

        _headersLength = (int)headersLength;
        _frameLength = FrameFormat.MinFrameLength + _headersLength + (int)payloadLength;
        _hashedTo = FrameFormat.PreludeCrcOffset;
        _crc = crc;
        return FrameError.None;
    }
}
