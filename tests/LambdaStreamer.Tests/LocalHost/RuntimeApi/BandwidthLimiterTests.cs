using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

public class BandwidthLimiterTests
{
    private const int MiB = 1024 * 1024;

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Burst_IsSixMebibytes()
    {
        var limiter = new BandwidthLimiter(_time);
        Assert.Equal(4 * MiB, await limiter.TakeAsync(4 * MiB, Token));
        Assert.Equal(2 * MiB, await limiter.TakeAsync(4 * MiB, Token));
        var taking = limiter.TakeAsync(1, Token).AsTask();
        Assert.False(taking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await taking);
    }

    [Fact]
    public async Task EmptyBucket_IsRefilledByAQuarterMebibyteEvery125Milliseconds()
    {
        var limiter = new BandwidthLimiter(_time);
        await limiter.TakeAsync(6 * MiB, Token);
        var taking = limiter.TakeAsync(MiB, Token).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(124));
        Assert.False(taking.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(MiB / 4, await taking);
    }

    [Fact]
    public async Task OneSecond_IsWorthTwoMebibytes()
    {
        var limiter = new BandwidthLimiter(_time);
        await limiter.TakeAsync(6 * MiB, Token);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2 * MiB, await limiter.TakeAsync(6 * MiB, Token));
    }

    [Fact]
    public async Task IdleTime_FillsNoMoreThanTheBurst()
    {
        var limiter = new BandwidthLimiter(_time);
        await limiter.TakeAsync(MiB, Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(6 * MiB, await limiter.TakeAsync(7 * MiB, Token));
    }

    [Fact]
    public async Task CancelledWait_TakesNothing()
    {
        using var cancel = new CancellationTokenSource();
        var limiter = new BandwidthLimiter(_time);
        await limiter.TakeAsync(6 * MiB, Token);
        var taking = limiter.TakeAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.Equal(0, await taking);
    }
}
