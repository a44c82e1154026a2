using System.Buffers.Binary;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>Frames with good CRCs around bytes that no encoder would write.</summary>
internal static class SealedFrame
{
    public static byte[] Create(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload) =>
        Seal([.. Prelude((uint)(16 + headers.Length + payload.Length), (uint)headers.Length), .. headers, .. payload]);

    public static byte[] Prelude(uint totalLength, uint headersLength)
    {
        var lengths = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(lengths, totalLength);
        BinaryPrimitives.WriteUInt32BigEndian(lengths.AsSpan(4), headersLength);
        return Seal(lengths);
    }

    private static byte[] Seal(byte[] bytes)
    {
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, BitwiseCrc.Append(0, bytes));
        return [.. bytes, .. crc];
    }
}
