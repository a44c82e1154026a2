using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace LambdaStreamer.EventStream;

/// <summary>
/// The CRC-32 of gzip and zlib (RFC 1952, section 8): reflected polynomial 0xEDB88320, all ones before and after.
/// </summary>
/// <remarks>
/// A CRC is resumable: <c>Append(Append(0, a), b)</c> is the CRC of a followed by b. System.IO.Hashing has the same, and would be
/// the only package of the function. Each path can be called by itself, so that the tests hold all of them against one reference.
/// </remarks>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>One vector.</summary>
    private const int MinFoldingLength = 16;

    /// <summary>A shuffle writes zero where its index has this bit.</summary>
    private const int IndexToZero = 0x80;

    private static readonly uint[] Tables = CreateTables();

    public static bool HasFolding => Pclmulqdq.IsSupported && Ssse3.IsSupported;

    public static bool HasArmInstructions => ArmCrc32.Arm64.IsSupported;

    /// <param name="crc">The CRC of all bytes before <paramref name="bytes"/>; 0 when there are none.</param>
    /// <param name="bytes">The bytes that follow.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (HasArmInstructions)
        {
            return AppendWithArmInstructions(crc, bytes);
        }

        return HasFolding && bytes.Length >= MinFoldingLength ? AppendByFolding(crc, bytes) : AppendByTables(crc, bytes);
    }

    /// <summary>Slicing by 8: eight table look-ups take eight bytes at once.</summary>
    internal static uint AppendByTables(uint crc, ReadOnlySpan<byte> bytes) => ~UpdateByTables(~crc, bytes);

    internal static uint AppendWithArmInstructions(uint crc, ReadOnlySpan<byte> bytes)
    {
        var register = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            register = ArmCrc32.Arm64.ComputeCrc32(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            register = ArmCrc32.ComputeCrc32(register, value);
        }

        return ~register;
    }

    /// <summary>
    /// Folding, after Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009): a
    /// vector moved n bits up the message is replaced by its product with x^n mod P, which leaves the CRC as it is.
    /// </summary>
    internal static uint AppendByFolding(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MinFoldingLength)
        {
            return AppendByTables(crc, bytes);
        }

        // Bit-reflected x^(n+32) and x^(n-32) mod P, for the low and the high half of a vector.
        var by512Bits = Vector128.Create(0x1_5444_2BD4UL, 0x1_C6E4_1596UL);
        var by128Bits = Vector128.Create(0x1_7519_97D0UL, 0x0_CCAA_009EUL);

        // Zeros in front of a message leave its CRC as it is, so an odd length is made up there rather than at the end: the odd bytes
        // become the high end of a vector of their own. The running CRC belongs to the message's first four bytes, wherever they lie.
        var oddLength = bytes.Length % Vector128<byte>.Count;
        var toHighEnd = Vector128<byte>.Indices - Vector128.Create((byte)(Vector128<byte>.Count - oddLength));
        var fromOdd = Vector128<byte>.Indices + Vector128.Create((byte)(IndexToZero - Vector128<byte>.Count + oddLength));
        var start = Vector128.CreateScalar(~crc).AsByte();
        var odd = Ssse3.Shuffle(Vector128.Create(bytes) ^ start, toHighEnd).AsUInt64();
        var vectors = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes[oddLength..]);
        var folded = vectors[0] ^ Ssse3.Shuffle(start, fromOdd).AsUInt64() ^ Fold(odd, by128Bits);
        vectors = vectors[1..];

        // Four lanes, because one multiplication takes as long as four that do not wait for each other: three vectors to fill the
        // other lanes, and four at least to fold over them.
        if (vectors.Length >= 3 + 4)
        {
            var lane1 = vectors[0];
            var lane2 = vectors[1];
            var lane3 = vectors[2];
            vectors = vectors[3..];
            while (vectors.Length >= 4)
            {
                folded = Fold(folded, by512Bits) ^ vectors[0];
                lane1 = Fold(lane1, by512Bits) ^ vectors[1];
                lane2 = Fold(lane2, by512Bits) ^ vectors[2];
                lane3 = Fold(lane3, by512Bits) ^ vectors[3];
                vectors = vectors[4..];
            }

            folded = Fold(folded, by128Bits) ^ lane1;
            folded = Fold(folded, by128Bits) ^ lane2;
            folded = Fold(folded, by128Bits) ^ lane3;
        }

        foreach (var vector in vectors)
        {
            folded = Fold(folded, by128Bits) ^ vector;
        }

        // What is left has the message's CRC, and is short enough for the tables.
        return ~UpdateByTables(UpdateByTables(0, folded.GetElement(0)), folded.GetElement(1));
    }

    private static Vector128<ulong> Fold(Vector128<ulong> vector, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(vector, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(vector, factors, 0x11);

    private static uint UpdateByTables(uint register, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            register = UpdateByTables(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        var tables = Tables;
        foreach (var value in bytes)
        {
            register = tables[(byte)(register ^ value)] ^ (register >> 8);
        }

        return register;
    }

    private static uint UpdateByTables(uint register, ulong eightBytes)
    {
        var tables = Tables;
        var mixed = eightBytes ^ register;
        return tables[0x700 + (byte)mixed]
            ^ tables[0x600 + (byte)(mixed >> 8)]
            ^ tables[0x500 + (byte)(mixed >> 16)]
            ^ tables[0x400 + (byte)(mixed >> 24)]
            ^ tables[0x300 + (byte)(mixed >> 32)]
            ^ tables[0x200 + (byte)(mixed >> 40)]
            ^ tables[0x100 + (byte)(mixed >> 48)]
            ^ tables[(byte)(mixed >> 56)];
    }

    /// <summary>Eight tables of 256: the n-th holds the register after a byte and n zero bytes.</summary>
    private static uint[] CreateTables()
    {
        var tables = new uint[8 * 256];
        for (var index = 0; index < tables.Length; index++)
        {
            var register = index < 256 ? (uint)index : tables[index - 256];
            for (var bit = 0; bit < 8; bit++)
            {
                register = (register & 1) == 0 ? register >> 1 : (register >> 1) ^ Polynomial;
            }

            tables[index] = register;
        }

        return tables;
    }
}
