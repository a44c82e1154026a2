using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class FaultParseTests
{
    [Fact]
    public void EverythingAtOnce_IsRead()
    {
        var fault = Fault.Parse("parts=7, model-stream-error=StreamBroken@3, writes=5, times=2");
        Assert.Equal(
            (FaultKind.ModelStreamError, "StreamBroken", 3, 7, 5, 2),
            (fault.Kind, fault.Code, fault.AfterTokens, fault.BytesPerPart, fault.BytesPerWrite, fault.Times));
    }

    [Theory]
    [InlineData("stall=500ms@2", 500)]
    [InlineData("stall=5s", 5000)]
    [InlineData("stall-headers=2m", 120_000)]
    public void Durations_AreRead(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Fault.Parse(text).Duration);

    [Theory]
    [InlineData("stall")]
    [InlineData("stall@4")]
    public void StallWithoutDuration_IsForEver(string text) => Assert.Null(Fault.Parse(text).Duration);

    [Fact]
    public void PartOffsets_AreRead() => Assert.Equal([10, 25, 90], Fault.Parse("parts-at=10+25+90").PartEnds);

    [Theory]
    [InlineData("", "'' is no fault. Known: parts, parts-at, writes, times, drop, ")]
    [InlineData("thottle", "'thottle' is no fault. Known: ")]
    [InlineData("reset,end", "'end' is a second failure; a fault has one.")]
    [InlineData("throttle@3", "'throttle@3' strikes before the stream; it cannot wait for tokens.")]
    [InlineData("reset@x", "'reset@x' needs a whole number of at least 0.")]
    [InlineData("parts=0", "'parts=0' needs a whole number of at least 1.")]
    [InlineData("parts", "'parts' needs a whole number of at least 1.")]
    [InlineData("parts-at=9+9", "'parts-at=9+9' needs ascending offsets.")]
    [InlineData("parts=3,parts-at=9", "A fault cuts parts either by size (parts=) or at offsets (parts-at=), not both.")]
    [InlineData("stall=5", "'stall=5' needs a duration such as 500ms, 5s or 2m.")]
    [InlineData("stall=1441m", "'stall=1441m' lasts longer than a day.")]
    [InlineData("stall=xs", "'stall=xs' needs a duration such as 500ms, 5s or 2m.")]
    [InlineData("reset=3", "'reset=3': reset takes no value.")]
    public void WhatIsNoFault_SaysWhy(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Fault.Parse(text)).Message, StringComparison.Ordinal);
}
