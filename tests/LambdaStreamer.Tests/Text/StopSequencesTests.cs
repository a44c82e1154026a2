using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Text;

public class StopSequencesTests
{
    [Fact]
    public void NoStops_AreNone()
    {
        Assert.True(StopSequences.TryCreate([], out var sequences, out _));
        Assert.Same(StopSequences.None, sequences);
        Assert.True(sequences.IsEmpty);
    }

    [Fact]
    public void EmptyStops_AreIgnored()
    {
        Assert.True(StopSequences.TryCreate(["", ""], out var none, out _));
        Assert.Same(StopSequences.None, none);

        Assert.True(StopSequences.TryCreate(["", "a", .. Enumerable.Repeat("", 16)], out var one, out _));
        Assert.False(one.IsEmpty);
    }

    [Fact]
    public void SixteenStops_AreTakenAndSeventeenRefused()
    {
        Assert.True(StopSequences.TryCreate([.. Enumerable.Repeat("a", 16)], out _, out _));

        Assert.False(StopSequences.TryCreate([.. Enumerable.Repeat("a", 17)], out var sequences, out var problem));
        Assert.Null(sequences);
        Assert.Equal("There are more than 16 stop sequences.", problem);
    }

    [Theory]
    [InlineData("a", 1024)]
    [InlineData("é", 512)]
    [InlineData("🗻", 256)]
    public void StopOf1024Bytes_IsTakenAndOneByteMoreRefused(string character, int count)
    {
        var longest = string.Concat(Enumerable.Repeat(character, count));
        Assert.True(StopSequences.TryCreate([longest], out _, out _));

        Assert.False(StopSequences.TryCreate(["a", longest + "a"], out var sequences, out var problem));
        Assert.Null(sequences);
        Assert.Equal("A stop sequence is longer than 1024 bytes of UTF-8.", problem);
    }

    // Numbers, because half of a pair does not survive a test's name.
    [Theory]
    [InlineData(0xD83D)]
    [InlineData(0xDDFB)]
    public void HalfOfASurrogatePair_IsRefused(int half)
    {
        foreach (var stop in new[] { $"{(char)half}", $"a{(char)half}", $"{(char)half}a" })
        {
            Assert.False(StopSequences.TryCreate([stop], out var sequences, out var problem));
            Assert.Null(sequences);
            Assert.Equal("A stop sequence is not Unicode text (it has half of a surrogate pair).", problem);
        }
    }
}
