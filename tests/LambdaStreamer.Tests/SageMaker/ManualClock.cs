namespace LambdaStreamer.Tests.SageMaker;

/// <summary>A clock that moves when the test says so, and tells when somebody has set a timer.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>A timer that is stopped when it has just this long to go fires all the same: it fell due in that moment.</summary>
    public TimeSpan? FiresWhenStopped { get; set; }

    /// <summary>Moves on, and runs what falls due.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += by;
            due = _timers.FindAll(timer => timer.Due <= _now);
            due.ForEach(timer => _timers.Remove(timer));
        }

        due.ForEach(timer => timer.Fire());
    }

    /// <summary>Waits until a timer is set for the moment this far ahead.</summary>
    public Task TimerSetAsync(TimeSpan ahead) => TimerSetAsync(ahead, ahead);

    /// <summary>Waits until a timer is set for a moment between these two, counted from now.</summary>
    public async Task TimerSetAsync(TimeSpan least, TimeSpan most)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_timers.Exists(timer => timer.Due >= _now + least && timer.Due <= _now + most))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(ScriptedServer.Patience, TestContext.Current.CancellationToken);
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isTooLate;
            lock (clock._lock)
            {
                isTooLate = clock._timers.Remove(this) && dueTime == Timeout.InfiniteTimeSpan && Due - clock._now == clock.FiresWhenStopped;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }

                var changed = clock._changed;
                clock._changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed.SetResult();
            }

            if (isTooLate)
            {
                Fire();
            }

            return true;
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
