namespace LambdaStreamer.SageMaker;

/// <summary>
/// Ends a wait for SageMaker: by the caller, by silence, or by the request's deadline. One per invocation, handed from the call to its
/// response. Invariant: until a body byte has come the first-byte timer runs without a stop; afterwards it runs only during a read.
/// </summary>
/// <remarks>One timer for all reads: <c>CancelAfter</c> on a source that was made with a clock moves that clock's timer.</remarks>
internal sealed class WaitClock : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _idleTimeout;
    private readonly DateTimeOffset? _deadline;
    private SageMakerFailureKind _cause;
    private bool _bodyBegan;

    public WaitClock(TimeProvider timeProvider, SageMakerOptions options, DateTimeOffset? deadline)
    {
        _timeProvider = timeProvider;
        _idleTimeout = options.IdleTimeout;
        _deadline = deadline;
        _source = new CancellationTokenSource(Due(options.FirstByteTimeout, SageMakerFailureKind.FirstByteTimedOut), timeProvider);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Why the wait ended, unless the caller ended it.</summary>
    public SageMakerFailureKind Cause => _cause;

    public bool HasEnded => _source.IsCancellationRequested;

    /// <summary>Whether waiting this long would reach the deadline.</summary>
    public bool PassesDeadline(TimeSpan wait) => _deadline is { } deadline && _timeProvider.GetUtcNow() + wait >= deadline;

    /// <summary>Lets the caller's token end the wait too, until the registration is disposed.</summary>
    public CancellationTokenRegistration Link(CancellationToken caller) =>
        caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);

    public void BeforeRead()
    {
        if (_bodyBegan)
        {
            _source.CancelAfter(Due(_idleTimeout, SageMakerFailureKind.IdleTimedOut));
        }
    }

    /// <summary>Stops the timer: while the caller is busy with what it read, the silence is not SageMaker's.</summary>
    public void AfterRead()
    {
        _bodyBegan = true;
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _source.Dispose();

    private TimeSpan Due(TimeSpan timeout, SageMakerFailureKind kind)
    {
        _cause = kind;
        if (_deadline is not { } deadline || deadline - _timeProvider.GetUtcNow() is var left && left >= timeout)
        {
            return timeout;
        }

        _cause = SageMakerFailureKind.DeadlineNear;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
