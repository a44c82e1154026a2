using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Tests.Telemetry;

public class LatencyHistogramTests
{
    [Fact]
    public void NoValues_HaveNoQuantileAndNoSample()
    {
        var histogram = new LatencyHistogram();
        Assert.Null(histogram.Quantile(0.5));
        Assert.Equal(0, histogram.Sample(new TimeSpan[100]));
    }

    [Fact]
    public void SmallValues_AreExactToTheMicrosecond()
    {
        var histogram = new LatencyHistogram();
        for (var microseconds = 63; microseconds > 0; microseconds--)
        {
            histogram.Add(TimeSpan.FromMicroseconds(microseconds));
        }

        Assert.Equal(TimeSpan.FromMicroseconds(32), histogram.Quantile(0.5));
        Assert.Equal(TimeSpan.FromMicroseconds(60), histogram.Quantile(0.95));
        Assert.Equal(TimeSpan.FromMicroseconds(63), histogram.Quantile(1));
        var sample = new TimeSpan[100];
        Assert.Equal(63, histogram.Sample(sample));
        Assert.Equal(Enumerable.Range(1, 63).Select(static value => TimeSpan.FromMicroseconds(value)), sample[..63]);
    }

    [Fact]
    public void AnyValues_AreKnownToWithin16PerMille()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonEmptyArray<uint>>(),
            static values =>
            {
                var histogram = new LatencyHistogram();
                foreach (var value in values.Get)
                {
                    histogram.Add(TimeSpan.FromMicroseconds(value));
                }

                var sorted = values.Get.Order().ToArray();
                foreach (var fraction in new[] { 0.01, 0.5, 0.95, 1 })
                {
                    double exact = sorted[Math.Max(1, (int)Math.Ceiling(fraction * sorted.Length)) - 1];
                    Assert.InRange(histogram.Quantile(fraction)!.Value.TotalMicroseconds, (exact * 0.984) - 1, (exact * 1.016) + 1);
                }

                var sample = new TimeSpan[100];
                var count = histogram.Sample(sample);
                Assert.Equal(Math.Min(100, sorted.Length), count);
                Assert.Equal(sample[..count].Order(), sample[..count]);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void MoreThanAnHourAndLessThanNothing_FallIntoTheOutermostBins()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromDays(1));
        histogram.Add(TimeSpan.FromSeconds(-1));
        Assert.Equal(TimeSpan.Zero, histogram.Quantile(0.5));
        Assert.InRange(histogram.Quantile(1)!.Value, TimeSpan.FromMinutes(70), TimeSpan.FromMinutes(72));
    }
}
