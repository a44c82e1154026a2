using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace LambdaStreamer.Relay;

/// <summary>
/// Waits for a pending operation and for the end of an interval in which nothing was sent, whichever comes first. One operation at a time.
/// Allocates nothing per operation; the timer is set once per interval, not once per token.
/// </summary>
/// <remarks>
/// Invariant: <c>_isWaiting</c> is true from <see cref="NextAsync"/> until exactly one of the operation's end and the timer has taken it
/// back, and only who took it completes the wait.
/// </remarks>
internal sealed class Silence : IValueTaskSource<bool>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;
    private readonly Action _onDone;
    private ManualResetValueTaskSourceCore<bool> _source;
    private long _lastSent;
    private bool _isWaiting;
    private bool _isDone;

    /// <param name="timeProvider">The clock of the silence.</param>
    /// <param name="interval">The longest silence.</param>
    public Silence(TimeProvider timeProvider, TimeSpan interval)
    {
        _timeProvider = timeProvider;
        _interval = interval;
        _onDone = OnDone;
        _lastSent = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(static self => ((Silence)self!).OnTimer(), this, interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something went to the client: the silence begins anew.</summary>
    public void Sent() => Volatile.Write(ref _lastSent, _timeProvider.GetTimestamp());

    /// <summary>Whose end <see cref="NextAsync"/> waits for, until it said true.</summary>
    public void Watch<T>(in ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter operation)
    {
        Begin();
        operation.UnsafeOnCompleted(_onDone);
    }

    /// <summary>Whose end <see cref="NextAsync"/> waits for, until it said true.</summary>
    public void Watch(in ConfiguredTaskAwaitable.ConfiguredTaskAwaiter operation)
    {
        Begin();
        operation.UnsafeOnCompleted(_onDone);
    }

    /// <summary>True: the watched operation has ended. False: nothing was sent for an interval.</summary>
    public ValueTask<bool> NextAsync()
    {
        lock (_lock)
        {
            if (_isDone)
            {
                return new ValueTask<bool>(true);
            }

            _source.Reset();
            _isWaiting = true;
            return new ValueTask<bool>(this, _source.Version);
        }
    }

    public void Dispose() => _timer.Dispose();

    bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Begin()
    {
        lock (_lock)
        {
            _isDone = false;
        }
    }

    private void OnDone()
    {
        lock (_lock)
        {
            _isDone = true;
            if (!TakeWait())
            {
                return;
            }
        }

        _source.SetResult(true);
    }

    private void OnTimer()
    {
        bool isSilent;
        lock (_lock)
        {
            var silence = _timeProvider.GetElapsedTime(Volatile.Read(ref _lastSent));
            isSilent = silence >= _interval;
            _timer.Change(isSilent ? _interval : _interval - silence, Timeout.InfiniteTimeSpan);
            isSilent = isSilent && TakeWait();
        }

        if (isSilent)
        {
            _source.SetResult(false);
        }
    }

    private bool TakeWait()
    {
        var wasWaiting = _isWaiting;
        _isWaiting = false;
        return wasWaiting;
    }
}
