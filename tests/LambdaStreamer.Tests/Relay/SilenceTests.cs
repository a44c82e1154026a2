using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.Relay;

public sealed class SilenceTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Silence _silence;
    private readonly TaskCompletionSource _operation = new();

    public SilenceTests()
    {
        _silence = new Silence(_time, Interval);
        Watch(_operation.Task);
    }

    [Fact]
    public async Task OperationThatEnds_EndsTheWait()
    {
        var next = _silence.NextAsync();
        Assert.False(next.IsCompleted);
        _operation.SetResult();
        Assert.True(await next);
    }

    [Fact]
    public async Task OperationThatFails_EndsTheWaitToo()
    {
        var next = _silence.NextAsync();
        _operation.SetException(new IOException());
        Assert.True(await next);
    }

    [Fact]
    public async Task OperationThatEndedBefore_NeedsNoWait()
    {
        _operation.SetResult();
        Assert.True(await _silence.NextAsync());
    }

    [Fact]
    public async Task IntervalWithoutSending_IsASilence_AgainAndAgain()
    {
        for (var i = 0; i < 3; i++)
        {
            var next = _silence.NextAsync();
            _time.Advance(Interval - TimeSpan.FromTicks(1));
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.False(await next);
            _silence.Sent();
        }

        var last = _silence.NextAsync();
        _operation.SetResult();
        Assert.True(await last);
    }

    [Fact]
    public async Task WhatWasSent_BeginsTheSilenceAnew()
    {
        var next = _silence.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        _silence.Sent();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await next);
    }

    [Fact]
    public async Task SecondOperation_IsWatchedLikeTheFirst()
    {
        _operation.SetResult();
        Assert.True(await _silence.NextAsync());

        var second = new TaskCompletionSource();
        Watch(second.Task);
        var next = _silence.NextAsync();
        Assert.False(next.IsCompleted);
        second.SetResult();
        Assert.True(await next);
    }

    public void Dispose() => _silence.Dispose();

    private void Watch(Task operation) => _silence.Watch(operation.ConfigureAwait(false).GetAwaiter());
}
