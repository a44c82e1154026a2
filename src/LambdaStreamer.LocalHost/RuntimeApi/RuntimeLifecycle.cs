namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Where one runtime stands, and with that which request of it is legal. Each invocation goes its own way: offered → invoking → responding
/// → answered → gone with a later poll. An invocation is over for its caller when the answer ended, for the runtime when it polls again.
/// Does no I/O.
/// </summary>
/// <remarks>Invariant: open polls and invocations that are not answered are together at most <paramref name="concurrency"/>.</remarks>
/// <param name="concurrency">How many invocations the runtime may hold at once.</param>
internal sealed class RuntimeLifecycle(int concurrency)
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource<Invocation?>> _polls = [];
    private readonly List<Held> _offered = [];
    private readonly Dictionary<string, Held> _held = [];
    private readonly Queue<Held> _answered = [];
    private readonly HashSet<string> _timedOutRequestIds = [];
    private TaskCompletionSource<InvocationOutcome?> _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Phase _phase = Phase.Initializing;

    private enum Phase
    {
        Initializing,
        InitFailed,
        Ready,
        ShutDown,
    }

    private enum Progress
    {
        Invoking,
        Responding,
        Answered,
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

    /// <summary>The invocation that the runtime holds; null when it holds none or several.</summary>
    public Invocation? Current
    {
        get
        {
            lock (_lock)
            {
                return _held.Count == 1 ? _held.Values.First().Invocation : null;
            }
        }
    }

    private int Unanswered => _held.Count - _answered.Count;

    /// <summary>
    /// Hands an invocation to an open poll, or to the next one. The caller sees to it that no more than the runtime may hold are under way.
    /// </summary>
    /// <returns>Completes when the runtime has answered it and polled again.</returns>
    public Task Offer(Invocation invocation)
    {
        var held = new Held(invocation);
        lock (_lock)
        {
            _offered.Add(held);
            Deliver();
        }

        return held.PolledAgain.Task;
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

            if (_phase == Phase.InitFailed)
            {
                return Refusal.InvalidState($"GET /next while {_phase}");
            }

            if (Unanswered >= concurrency)
            {
                return Refusal.InvalidState(
                    $"GET /next while {_held.Values.First(static held => held.Progress != Progress.Answered).Progress}");
            }

            // A poll does not say which answer it follows; with several it counts for the oldest.
            if (_answered.TryDequeue(out var answered))
            {
                _held.Remove(answered.Invocation.RequestId);
                answered.PolledAgain.TrySetResult();
            }

            // The older poll may belong to a connection that died unnoticed; so the newer one counts.
            if (_polls.Count + Unanswered >= concurrency)
            {
                _polls[0].SetResult(null);
                _polls.RemoveAt(0);
            }

            _phase = Phase.Ready;
            _polls.Add(poll);
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
            if (!_polls.Remove(poll)
                && poll.Task is { IsCompletedSuccessfully: true, Result: { } taken }
                && _held.TryGetValue(taken.RequestId, out var held) && held.Progress == Progress.Invoking)
            {
                _held.Remove(taken.RequestId);
                _offered.Insert(0, held);
                Deliver();
            }
        }
    }

    /// <summary>POST /response: the head was read.</summary>
    public Refusal? BeginResponse(string requestId, string? deliveryId, out Invocation? invocation) =>
        Claim(requestId, deliveryId, Progress.Responding, out invocation);

    /// <summary>POST /error.</summary>
    public Refusal? ReportError(string requestId, string? deliveryId, out Invocation? invocation) =>
        Claim(requestId, deliveryId, Progress.Answered, out invocation);

    /// <summary>POST /response: its body ended, one way or the other.</summary>
    public void EndResponse(Invocation invocation)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(invocation.RequestId, out var held))
            {
                Advance(held, Progress.Answered);
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

    /// <summary>Ends an invocation from outside; what the runtime still says about it is too late.</summary>
    public void TimeOut(Invocation invocation)
    {
        lock (_lock)
        {
            _timedOutRequestIds.Add(invocation.RequestId);
            _offered.RemoveAll(held => held.Invocation == invocation);
            if (_held.TryGetValue(invocation.RequestId, out var held))
            {
                Advance(held, Progress.Answered);
            }
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
            _polls.ForEach(static poll => poll.SetCanceled());
            _polls.Clear();
            _offered.Clear();
            _held.Clear();
            _answered.Clear();
        }
    }

    private Refusal? Claim(string requestId, string? deliveryId, Progress next, out Invocation? invocation)
    {
        lock (_lock)
        {
            invocation = null;
            if (_timedOutRequestIds.Contains(requestId))
            {
                return Refusal.InvokeTimeout;
            }

            if (!_held.TryGetValue(requestId, out var held))
            {
                return Refusal.InvalidRequestId;
            }

            if (deliveryId is not null && deliveryId != held.Invocation.DeliveryId)
            {
                return Refusal.InvokeTimeout;
            }

            if (held.Progress != Progress.Invoking)
            {
                return Refusal.InvalidState(
                    next == Progress.Responding ? $"POST /response while {held.Progress}" : $"POST /error while {held.Progress}");
            }

            Advance(held, next);
            invocation = held.Invocation;
            return null;
        }
    }

    private void Advance(Held held, Progress next)
    {
        if (held.Progress != Progress.Answered && next == Progress.Answered)
        {
            _answered.Enqueue(held);
        }

        held.Progress = next;
    }

    private void Deliver()
    {
        while (_polls.Count > 0 && _offered.Count > 0)
        {
            var (poll, held) = (_polls[0], _offered[0]);
            _polls.RemoveAt(0);
            _offered.RemoveAt(0);
            _held.Add(held.Invocation.RequestId, held);
            poll.SetResult(held.Invocation);
        }
    }

    private sealed class Held(Invocation invocation)
    {
        public Invocation Invocation => invocation;

        public Progress Progress { get; set; }

        public TaskCompletionSource PolledAgain { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
