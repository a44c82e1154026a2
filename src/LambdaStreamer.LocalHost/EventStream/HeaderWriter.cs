using System.Buffers.Binary;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.LocalHost.EventStream;

/// <summary>Writes the headers of one frame, in call order, to the start of a caller's span.</summary>
/// <remarks>
/// A header that cannot be encoded throws <see cref="ArgumentException"/>: names have 1 to 255 bytes, strings and byte values at most
/// <see cref="MaxValueLength"/>, and <paramref name="destination"/> must hold them all.
/// </remarks>
public ref struct HeaderWriter(Span<byte> destination)
{
    /// <summary>Bytes of a string or byte value. The wire could carry 65,535, but AWSSDK.Core refuses more than this.</summary>
    public const int MaxValueLength = short.MaxValue;

    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void WriteBoolean(scoped ReadOnlySpan<byte> name, bool value) =>
        Write(name, value ? HeaderType.BooleanTrue : HeaderType.BooleanFalse, []);

    public void WriteInt8(scoped ReadOnlySpan<byte> name, sbyte value) => Write(name, HeaderType.Int8, [(byte)value]);

    public void WriteInt16(scoped ReadOnlySpan<byte> name, short value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        Write(name, HeaderType.Int16, bytes);
    }

    public void WriteInt32(scoped ReadOnlySpan<byte> name, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        Write(name, HeaderType.Int32, bytes);
    }

    public void WriteInt64(scoped ReadOnlySpan<byte> name, long value) => WriteInt64(name, HeaderType.Int64, value);

    public void WriteBytes(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) =>
        WriteWithLength(name, HeaderType.Bytes, value);

    public void WriteUtf8String(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) =>
        WriteWithLength(name, HeaderType.String, value);

    /// <param name="name">The header's name.</param>
    /// <param name="milliseconds">Since 1970-01-01T00:00:00Z.</param>
    public void WriteTimestamp(scoped ReadOnlySpan<byte> name, long milliseconds) => WriteInt64(name, HeaderType.Timestamp, milliseconds);

    public void WriteUuid(scoped ReadOnlySpan<byte> name, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        Write(name, HeaderType.Uuid, bytes);
    }

    /// <summary>What <see cref="WriteUtf8String"/> needs.</summary>
    internal static int Utf8StringLength(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        1 + name.Length + 1 + sizeof(ushort) + value.Length;

    private void WriteInt64(scoped ReadOnlySpan<byte> name, HeaderType type, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        Write(name, type, bytes);
    }

    private void WriteWithLength(scoped ReadOnlySpan<byte> name, HeaderType type, scoped ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxValueLength)
        {
            throw new ArgumentException($"A header value has at most {MaxValueLength} bytes, not {value.Length}.", nameof(value));
        }

        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)value.Length);
        Write(name, type, length);
        Append(value);
    }

    private void Write(scoped ReadOnlySpan<byte> name, HeaderType type, scoped ReadOnlySpan<byte> value)
    {
        if (name.Length is 0 or > byte.MaxValue)
        {
            throw new ArgumentException($"A header name has 1 to {byte.MaxValue} bytes, not {name.Length}.", nameof(name));
        }

        Append([(byte)name.Length]);
        Append(name);
        Append([(byte)type]);
        Append(value);
    }

    private void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }
}
