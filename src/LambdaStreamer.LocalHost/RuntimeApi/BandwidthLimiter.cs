namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Lambda's token bucket for one streamed response: 6 MiB at full speed, then 2 MiB a second, filled up every 125 ms. It sits where
/// Lambda has it, between the Runtime API and whoever called, so that a slow-down is felt by the function's writes.
/// </summary>
internal sealed class BandwidthLimiter(TimeProvider timeProvider)
{
    public const int BurstBytes = 6 * 1024 * 1024;

    public const int RefillBytes = 2 * 1024 * 1024 / 8;

    public static readonly TimeSpan RefillInterval = TimeSpan.FromMilliseconds(125);

    private readonly long _startedAt = timeProvider.GetTimestamp();
    private long _intervalsCredited;
    private int _tokens = BurstBytes;

    /// <summary>
    /// Takes between 1 and <paramref name="wanted"/> bytes, waiting for the next refill when the bucket is empty; 0 when cancelled.
    /// </summary>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            var elapsed = timeProvider.GetElapsedTime(_startedAt);
            var intervals = elapsed.Ticks / RefillInterval.Ticks;
            _tokens = (int)Math.Min(BurstBytes, _tokens + ((intervals - _intervalsCredited) * RefillBytes));
            _intervalsCredited = intervals;
            if (_tokens > 0)
            {
                var taken = Math.Min(wanted, _tokens);
                _tokens -= taken;
                return taken;
            }

            var nextRefill = TimeSpan.FromTicks((intervals + 1) * RefillInterval.Ticks) - elapsed;
            await Task.Delay(nextRefill, timeProvider, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }
        }
    }
}
