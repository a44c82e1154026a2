namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Where one runtime stands, and with that which request of it is legal. One invocation at a time: waiting → invoking → responding →
/// answered → waiting. An invocation is over for its caller when the answer ended, for the runtime when it polls again. Does no I/O.
/// </summary>
internal sealed class RuntimeLifecycle
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<InvocationOutcome?> _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Phase _phase = Phase.Initializing;
    private TaskCompletionSource<Invocation?>? _poll;
    private TaskCompletionSource _polledAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Invocation? _offered;
    private Invocation? _current;
    private string? _timedOutRequestId;

    private enum Phase
    {
        Initializing,
        InitFailed,
        Waiting,
        Invoking,
        Responding,
        Answered,
        ShutDown,
    }

    /// <summary>Null when the runtime polled for the first time, else the error it reported instead.</summary>
    public Task<InvocationOutcome?> Initialized
    {
        get
        {
            lock (_lock)
            {
                return _initialized.Task;
            }
        }
    }

    /// <summary>Completes when the runtime polls after the invocation that was offered last.</summary>
    public Task PolledAgain
    {
        get
        {
            lock (_lock)
            {
                return _polledAgain.Task;
            }
        }
    }

    /// <summary>The invocation that the runtime holds.</summary>
    public Invocation? Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>Hands an invocation to the open poll, or to the next one. The caller sees to it that only one is under way.</summary>
    public void Offer(Invocation invocation)
    {
        lock (_lock)
        {
            _polledAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _offered = invocation;
            Deliver();
        }
    }

    /// <summary>GET /next. The poll ends with an event, with null when a later poll takes its place, or cancelled at shut-down.</summary>
    public Refusal? Poll(out TaskCompletionSource<Invocation?> poll)
    {
        poll = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_phase == Phase.ShutDown)
            {
                return Refusal.ShuttingDown;
            }

            if (_phase is Phase.InitFailed or Phase.Invoking or Phase.Responding)
            {
                return Refusal.InvalidState($"GET /next while {_phase}");
            }

            // The older poll may belong to a connection that died unnoticed; so the newer one counts.
            _poll?.SetResult(null);
            _phase = Phase.Waiting;
            _poll = poll;
            if (_offered is null)
            {
                _polledAgain.TrySetResult();
            }

            _initialized.TrySetResult(null);
            Deliver();
        }

        return null;
    }

    /// <summary>The connection of a poll went away. An event that was already assigned to it goes to the next poll.</summary>
    public void AbandonPoll(TaskCompletionSource<Invocation?> poll)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_poll, poll))
            {
                _poll = null;
            }
            else if (_phase == Phase.Invoking && poll.Task is { IsCompletedSuccessfully: true, Result: { } taken } && taken == _current)
            {
                (_offered, _current, _phase) = (_current, null, Phase.Waiting);
            }
        }
    }

    /// <summary>POST /response: the head was read.</summary>
    public Refusal? BeginResponse(string requestId, string? deliveryId, out Invocation? invocation) =>
        Claim(requestId, deliveryId, Phase.Responding, out invocation);

    /// <summary>POST /error.</summary>
    public Refusal? ReportError(string requestId, string? deliveryId, out Invocation? invocation) =>
        Claim(requestId, deliveryId, Phase.Answered, out invocation);

    /// <summary>POST /response: its body ended, one way or the other.</summary>
    public void EndResponse(Invocation invocation)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_current, invocation))
            {
                _phase = Phase.Answered;
            }
        }
    }

    /// <summary>POST /init/error: legal until the first poll.</summary>
    public Refusal? ReportInitError(InvocationOutcome error)
    {
        lock (_lock)
        {
            if (_phase != Phase.Initializing)
            {
                return Refusal.InvalidState($"POST /init/error while {_phase}");
            }

            _phase = Phase.InitFailed;
            _initialized.TrySetResult(error);
        }

        return null;
    }

    /// <summary>Ends the running invocation from outside; what the runtime still says about it is too late.</summary>
    public void TimeOut()
    {
        lock (_lock)
        {
            _timedOutRequestId = (_current ?? _offered)?.RequestId;
            (_current, _offered) = (null, null);
            _phase = _phase is Phase.Invoking or Phase.Responding ? Phase.Answered : _phase;
        }
    }

    /// <summary>After a failed init: another process may be started by hand and try again.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            if (_phase == Phase.InitFailed)
            {
                _phase = Phase.Initializing;
                _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>No further event will come; open and later polls are told so.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            _phase = Phase.ShutDown;
            _poll?.SetCanceled();
            (_current, _offered, _poll) = (null, null, null);
        }
    }

    private Refusal? Claim(string requestId, string? deliveryId, Phase next, out Invocation? invocation)
    {
        lock (_lock)
        {
            invocation = null;
            if (requestId == _timedOutRequestId)
            {
                return Refusal.InvokeTimeout;
            }

            if (_current is null || _current.RequestId != requestId || _phase == Phase.Waiting)
            {
                return Refusal.InvalidRequestId;
            }

            if (deliveryId is not null && deliveryId != _current.DeliveryId)
            {
                return Refusal.InvokeTimeout;
            }

            if (_phase != Phase.Invoking)
            {
                return Refusal.InvalidState(
                    next == Phase.Responding ? $"POST /response while {_phase}" : $"POST /error while {_phase}");
            }

            _phase = next;
            invocation = _current;
            return null;
        }
    }

    private void Deliver()
    {
        if (_poll is null || _offered is null)
        {
            return;
        }

        (_current, _offered, _phase) = (_offered, null, Phase.Invoking);
        var poll = _poll;
        _poll = null;
        poll.SetResult(_current);
    }
}
