using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

public class Crc32Tests
{
    private const int Seed = 20261122;

    private delegate uint Path(uint crc, ReadOnlySpan<byte> bytes);

    [Fact]
    public void CheckValue_IsThatOfTheCatalogue()
    {
        Assert.Equal(0xCBF43926, Crc32.Append(0, "123456789"u8));
        Assert.Equal(0xCBF43926, BitwiseCrc.Append(0, "123456789"u8));
    }

    [Fact]
    public void NoBytes_LeaveTheCrc()
    {
        Assert.Equal(0u, Crc32.Append(0, []));
        Assert.Equal(0xCBF43926, Crc32.Append(0xCBF43926, []));
    }

    [Fact]
    public void TwoHalves_GiveTheCrcOfTheWhole_AtEveryCut()
    {
        var bytes = RandomBytes(300);
        var whole = BitwiseCrc.Append(0, bytes);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(whole, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    [Fact]
    public void ChosenPath_AgreesWithTheReference() => AssertAgrees(Crc32.Append);

    [Fact]
    public void Tables_AgreeWithTheReference() => AssertAgrees(Crc32.AppendByTables);

    [Fact]
    public void Folding_AgreesWithTheReference()
    {
        Assert.SkipUnless(Crc32.HasFolding, "this CPU has no PCLMULQDQ");
        AssertAgrees(Crc32.AppendByFolding);
    }

    [Fact]
    public void ArmInstructions_AgreeWithTheReference()
    {
        Assert.SkipUnless(Crc32.HasArmInstructions, "this CPU has no ARM64 CRC-32 instructions");
        AssertAgrees(Crc32.AppendWithArmInstructions);
    }

    private static void AssertAgrees(Path path)
    {
        var bytes = RandomBytes(8192);

        // Every length up to several vectors, so that each combination of lanes, single vectors and tail occurs.
        for (var length = 0; length <= 400; length++)
        {
            AssertSame(path, 0, bytes, 0, length);
        }

        var random = new Random(Seed);
        for (var round = 0; round < 2000; round++)
        {
            var offset = random.Next(64);
            AssertSame(path, (uint)random.NextInt64(1L << 32), bytes, offset, random.Next(bytes.Length - offset));
        }
    }

    private static void AssertSame(Path path, uint crc, byte[] bytes, int offset, int length)
    {
        var expected = BitwiseCrc.Append(crc, bytes.AsSpan(offset, length));
        var actual = path(crc, bytes.AsSpan(offset, length));
        Assert.True(expected == actual, $"seed {Seed}, crc {crc:x8}, offset {offset}, length {length}: {actual:x8}, not {expected:x8}");
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }
}
