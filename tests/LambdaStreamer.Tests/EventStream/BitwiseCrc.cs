namespace LambdaStreamer.Tests.EventStream;

/// <summary>CRC-32 one bit at a time, as RFC 1952 defines it: the reference for every path of the code under test.</summary>
internal static class BitwiseCrc
{
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var register = ~crc;
        foreach (var value in bytes)
        {
            register ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                register = (register & 1) == 0 ? register >> 1 : (register >> 1) ^ 0xEDB88320;
            }
        }

        return ~register;
    }
}
