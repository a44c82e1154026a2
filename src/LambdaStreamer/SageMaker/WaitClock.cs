using System.Diagnostics;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Ends the waiting of one call: by the caller, by the lack of tokens, by the call's total time, or by the invocation's deadline.
/// Times count from the clock's making.
/// </summary>
/// <remarks>
/// Invariant: the timer is set no later than what is due, and looks again when it fires. What is due moves on with each read, so a stream
/// that flows touches the timer once per idle timeout and not once per read.
/// </remarks>
#pragma warning disable CA1001 // The source has nothing to dispose: no timer, no parent, and its wait handle is never asked for.
internal sealed class WaitClock : IDisposable
#pragma warning restore CA1001
{
    // What a timer takes is limited to 49 days; firing early only means looking again.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _source = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private readonly long _began;
    private readonly TimeSpan _firstTokenTimeout;
    private readonly TimeSpan _idleTimeout;
    private readonly TimeSpan _end;
    private readonly SageMakerFailureKind _endKind;
    private TimeSpan _timerSetFor = TimeSpan.MaxValue;
    private TimeSpan _waitBegan;
    private TimeSpan _waited;
    private bool _isWaiting;
    private bool _hasToken;
    private bool _tokenArrived;

    public WaitClock(TimeProvider timeProvider, SageMakerOptions options, DateTimeOffset? deadline)
    {
        _timeProvider = timeProvider;
        _began = timeProvider.GetTimestamp();
        _firstTokenTimeout = options.FirstTokenTimeout;
        _idleTimeout = options.IdleTimeout;
        _end = options.TotalTimeout ?? TimeSpan.MaxValue;
        _endKind = SageMakerFailureKind.TotalTimedOut;
        if (deadline is { } moment && moment - timeProvider.GetUtcNow() is var left && left < _end)
        {
            _end = left;
            _endKind = SageMakerFailureKind.DeadlineNear;
        }

        _timer = timeProvider.CreateTimer(
            static clock => ((WaitClock)clock!).LookAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    public bool HasEnded => _source.IsCancellationRequested;

    /// <summary>Why the waiting ended, unless the caller ended it.</summary>
    public SageMakerFailureKind Cause { get; private set; }

    public bool HasToken => _hasToken || Volatile.Read(ref _tokenArrived);

    private TimeSpan Now => _timeProvider.GetElapsedTime(_began);

    /// <summary>Whether nothing would be left to wait for an answer in after a pause of this length.</summary>
    public bool EndsWithin(TimeSpan pause)
    {
        lock (_lock)
        {
            return Due().At - Now <= pause;
        }
    }

    /// <summary>Lets the caller's token end the waiting too, until the registration is disposed.</summary>
    public CancellationTokenRegistration Link(CancellationToken caller) =>
        caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);

    /// <summary>A store: the next look at the clock takes it in.</summary>
    public void TokenArrived() => Volatile.Write(ref _tokenArrived, true);

    /// <summary>From here to <see cref="EndWait"/> the silence is SageMaker's. What fell due meanwhile ends this wait at once.</summary>
    public void BeginWait()
    {
        lock (_lock)
        {
            Debug.Assert(!_isWaiting, "One wait at a time.");
            _isWaiting = true;
            _waitBegan = Now;
        }

        Look();
    }

    /// <summary>While the caller is busy with what it read, the silence is not SageMaker's.</summary>
    public void EndWait()
    {
        lock (_lock)
        {
            _waited += Now - _waitBegan;
            _isWaiting = false;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void LookAgain()
    {
        lock (_lock)
        {
            _timerSetFor = TimeSpan.MaxValue;
        }

        Look();
    }

    private void Look()
    {
        lock (_lock)
        {
            var now = Now;
            if (Volatile.Read(ref _tokenArrived))
            {
                Volatile.Write(ref _tokenArrived, false);
                _hasToken = true;
                _waited = TimeSpan.Zero;
                _waitBegan = now;
            }

            var (due, kind) = Due();
            if (due > now)
            {
                SetTimer(due, now);
                return;
            }

            if (Cause == default)
            {
                Cause = kind;
            }
        }

        // Outside the lock: whoever waits may go on right in here.
        _source.Cancel();
    }

    private (TimeSpan At, SageMakerFailureKind Kind) Due()
    {
        var (silence, kind) = !_isWaiting ? (TimeSpan.MaxValue, default)
            : _hasToken ? (_waitBegan + _idleTimeout - _waited, SageMakerFailureKind.IdleTimedOut)
            : (_firstTokenTimeout, SageMakerFailureKind.FirstTokenTimedOut);
        return silence < _end ? (silence, kind) : (_end, _endKind);
    }

    private void SetTimer(TimeSpan due, TimeSpan now)
    {
        // A timer that is set for sooner finds out by itself that nothing is due.
        if (due < _timerSetFor)
        {
            _timerSetFor = due;

            // Timers count whole milliseconds; rounded down, one would fire, find nothing due, and be set for zero.
            var wait = due - now < LongestTimer ? due - now : LongestTimer;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }
}
