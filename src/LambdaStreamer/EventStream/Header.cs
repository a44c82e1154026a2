using System.Buffers.Binary;

namespace LambdaStreamer.EventStream;

/// <summary>One header of a <see cref="Frame"/>: views into the same bytes, valid as long as they are.</summary>
/// <remarks>
/// A getter throws <see cref="InvalidOperationException"/> when <see cref="Type"/> is another one; that is the caller's mistake, not
/// the peer's.
/// </remarks>
public readonly ref struct Header
{
    private Header(ReadOnlySpan<byte> name, HeaderType type, ReadOnlySpan<byte> value)
    {
        Name = name;
        Type = type;
        Value = value;
    }

    /// <summary>1 to 255 bytes; whether they are UTF-8 is not checked.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public HeaderType Type { get; }

    /// <summary>The bytes of the value as sent, without the length that precedes bytes and strings.</summary>
    public ReadOnlySpan<byte> Value { get; }

    public bool GetBoolean() => Type switch
    {
        HeaderType.BooleanTrue => true,
        HeaderType.BooleanFalse => false,
        _ => throw IsNot(HeaderType.BooleanTrue),
    };

    public sbyte GetInt8() => (sbyte)Demand(HeaderType.Int8)[0];

    public short GetInt16() => BinaryPrimitives.ReadInt16BigEndian(Demand(HeaderType.Int16));

    public int GetInt32() => BinaryPrimitives.ReadInt32BigEndian(Demand(HeaderType.Int32));

    public long GetInt64() => BinaryPrimitives.ReadInt64BigEndian(Demand(HeaderType.Int64));

    public ReadOnlySpan<byte> GetBytes() => Demand(HeaderType.Bytes);

    /// <summary>UTF-8 as sent; not checked.</summary>
    public ReadOnlySpan<byte> GetUtf8String() => Demand(HeaderType.String);

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z. The wire's range is wider than that of <see cref="DateTimeOffset"/>.</summary>
    public long GetTimestampMilliseconds() => BinaryPrimitives.ReadInt64BigEndian(Demand(HeaderType.Timestamp));

    public Guid GetUuid() => new(Demand(HeaderType.Uuid), bigEndian: true);

    /// <summary>Reads the header that <paramref name="headers"/> begins with; <paramref name="length"/> is what it occupies.</summary>
    internal static FrameError Read(ReadOnlySpan<byte> headers, out Header header, out int length)
    {
        header = default;
        length = 0;

        // name length u8 | name | type u8
        var nameLength = headers.IsEmpty ? 0 : headers[0];
        if (nameLength == 0)
        {
            return headers.IsEmpty ? FrameError.HeaderOverrun : FrameError.HeaderNameEmpty;
        }

        var typeOffset = 1 + nameLength;
        if (headers.Length <= typeOffset)
        {
            return FrameError.HeaderOverrun;
        }

        var type = (HeaderType)headers[typeOffset];
        var valueOffset = typeOffset + 1;
        int valueLength;
        switch (type)
        {
            case HeaderType.String or HeaderType.Bytes:
                if (!BinaryPrimitives.TryReadUInt16BigEndian(headers[valueOffset..], out var announced))
                {
                    return FrameError.HeaderOverrun;
                }

                valueOffset += sizeof(ushort);
                valueLength = announced;
                break;
            case HeaderType.BooleanTrue or HeaderType.BooleanFalse:
                valueLength = 0;
                break;
            case HeaderType.Int8:
                valueLength = 1;
                break;
            case HeaderType.Int16:
                valueLength = 2;
                break;
            case HeaderType.Int32:
                valueLength = 4;
                break;
            case HeaderType.Int64 or HeaderType.Timestamp:
                valueLength = 8;
                break;
            case HeaderType.Uuid:
                valueLength = 16;
                break;
            default:
                return FrameError.HeaderTypeUnknown;
        }

        if (headers.Length - valueOffset < valueLength)
        {
            return FrameError.HeaderOverrun;
        }

        header = new Header(headers.Slice(1, nameLength), type, headers.Slice(valueOffset, valueLength));
        length = valueOffset + valueLength;
        return FrameError.None;
    }

    private ReadOnlySpan<byte> Demand(HeaderType type) => Type == type ? Value : throw IsNot(type);

    private InvalidOperationException IsNot(HeaderType asked) => new($"The header is of type {Type}, not {asked}.");
}
