using System.Text;
using Amazon.Runtime.EventStreams;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.EventStream;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>A header as either side sees it. Bytes are kept as hex, times as milliseconds, so that records compare by value.</summary>
internal sealed record AnyHeader(string Name, HeaderType Type, object Value)
{
    public static Gen<AnyHeader> Generate(HeaderType type)
    {
        // One to four bytes of UTF-8 each, and a colon as the protocol's own names have it.
        var text = Gen.Elements("a", "Z", "9", "-", ":", " ", "é", "富", "🗻").ArrayOf().Select(string.Concat);
        var name = text.Where(candidate => Encoding.UTF8.GetByteCount(candidate) is > 0 and <= 255);
        var number = Gen.Choose(int.MinValue, int.MaxValue).SelectMany(
            high => Gen.Choose(int.MinValue, int.MaxValue).Select(low => ((long)high << 32) | (uint)low));
        var value = type switch
        {
            HeaderType.BooleanTrue => Gen.Constant<object>(true),
            HeaderType.BooleanFalse => Gen.Constant<object>(false),
            HeaderType.Int8 => number.Select(object (bits) => (sbyte)bits),
            HeaderType.Int16 => number.Select(object (bits) => (short)bits),
            HeaderType.Int32 => number.Select(object (bits) => (int)bits),
            HeaderType.Int64 => number.Select(object (bits) => bits),
            HeaderType.Bytes => AnyMessage.GenerateBytes().Select(object (bytes) => Convert.ToHexString(bytes)),
            HeaderType.String => text.Select(object (characters) => characters),
            HeaderType.Timestamp => number.Select(object (bits) => bits % 62_000_000_000_000),
            _ => number.SelectMany(
                high => number.Select(object (low) => new Guid([.. BitConverter.GetBytes(high), .. BitConverter.GetBytes(low)]))),
        };
        return name.SelectMany(some => value.Select(each => new AnyHeader(some, type, each)));
    }

    public static AnyHeader Copy(Header header) => new(Encoding.UTF8.GetString(header.Name), header.Type, header.Type switch
    {
        HeaderType.BooleanTrue or HeaderType.BooleanFalse => header.GetBoolean(),
        HeaderType.Int8 => header.GetInt8(),
        HeaderType.Int16 => header.GetInt16(),
        HeaderType.Int32 => header.GetInt32(),
        HeaderType.Int64 => header.GetInt64(),
        HeaderType.Bytes => Convert.ToHexString(header.GetBytes()),
        HeaderType.String => Encoding.UTF8.GetString(header.GetUtf8String()),
        HeaderType.Timestamp => header.GetTimestampMilliseconds(),
        _ => header.GetUuid(),
    });

    public static AnyHeader Copy(IEventStreamHeader header) => Copy(header, (HeaderType)header.HeaderType);

    private static AnyHeader Copy(IEventStreamHeader header, HeaderType type) => new(header.Name, type, type switch
    {
        HeaderType.BooleanTrue or HeaderType.BooleanFalse => header.AsBool(),
        HeaderType.Int8 => header.AsSByte(),
        HeaderType.Int16 => header.AsInt16(),
        HeaderType.Int32 => header.AsInt32(),
        HeaderType.Int64 => header.AsInt64(),
        HeaderType.Bytes => Convert.ToHexString(header.AsByteBuf()),
        HeaderType.String => header.AsString(),
        HeaderType.Timestamp => new DateTimeOffset(header.AsTimestamp()).ToUnixTimeMilliseconds(),
        _ => SwapFields(header.AsUUID()),
    });

    public EventStreamHeader ToSdk()
    {
        var header = new EventStreamHeader(Name);
        switch (Type)
        {
            case HeaderType.BooleanTrue or HeaderType.BooleanFalse:
                header.SetBool((bool)Value);
                break;
            case HeaderType.Int8:
                header.SetSByte((sbyte)Value);
                break;
            case HeaderType.Int16:
                header.SetInt16((short)Value);
                break;
            case HeaderType.Int32:
                header.SetInt32((int)Value);
                break;
            case HeaderType.Int64:
                header.SetInt64((long)Value);
                break;
            case HeaderType.Bytes:
                header.SetByteBuf(Convert.FromHexString((string)Value));
                break;
            case HeaderType.String:
                header.SetString((string)Value);
                break;
            case HeaderType.Timestamp:
                header.SetTimestamp(DateTimeOffset.FromUnixTimeMilliseconds((long)Value).UtcDateTime);
                break;
            default:
                header.SetUUID(SwapFields((Guid)Value));
                break;
        }

        return header;
    }

    public void WriteTo(ref HeaderWriter writer)
    {
        var name = Encoding.UTF8.GetBytes(Name);
        switch (Type)
        {
            case HeaderType.BooleanTrue or HeaderType.BooleanFalse:
                writer.WriteBoolean(name, (bool)Value);
                break;
            case HeaderType.Int8:
                writer.WriteInt8(name, (sbyte)Value);
                break;
            case HeaderType.Int16:
                writer.WriteInt16(name, (short)Value);
                break;
            case HeaderType.Int32:
                writer.WriteInt32(name, (int)Value);
                break;
            case HeaderType.Int64:
                writer.WriteInt64(name, (long)Value);
                break;
            case HeaderType.Bytes:
                writer.WriteBytes(name, Convert.FromHexString((string)Value));
                break;
            case HeaderType.String:
                writer.WriteUtf8String(name, Encoding.UTF8.GetBytes((string)Value));
                break;
            case HeaderType.Timestamp:
                writer.WriteTimestamp(name, (long)Value);
                break;
            default:
                writer.WriteUuid(name, (Guid)Value);
                break;
        }
    }

    // The SDK for .NET turns the first three fields of a UUID around, as Guid.ToByteArray does; the SDK for Kotlin keeps the order in
    // which a UUID is written, and so do we. The bytes on the wire are what both must agree on.
    private static Guid SwapFields(Guid value) => new(value.ToByteArray(bigEndian: true));
}
