using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>
/// The function's processes: an invocation goes to an idle one, else to one that has answered and only needs to poll again, else to a new
/// one up to the limit. A process that died is replaced by the next invocation that needs its place.
/// </summary>
internal sealed class FunctionFleet : IAsyncDisposable
{
    private const int MaxRecords = 1000;

    private readonly Lock _lock = new();
    private readonly LambdaTwinOptions _options;
    private readonly RuntimeApiSettings _settings;
    private readonly ProcessSpawner _spawner = new();
    private readonly Slot[] _slots;
    private readonly Queue<InvocationRecorder> _recorders = [];
    private readonly List<Violation> _violations = [];
    private readonly CancellationTokenSource _stopping = new();

    public FunctionFleet(LambdaTwinOptions options)
    {
        _options = options;
        _settings = new RuntimeApiSettings
        {
            TimeProvider = options.TimeProvider,
            NextVariation = options.NextVariation,
            LimitBandwidth = options.LimitBandwidth,
            ReportViolation = ReportViolation,
        };
        _slots = [.. Enumerable.Range(0, options.Command is null ? 1 : options.MaxProcesses).Select(_ => new Slot())];
        if (options.Command is null)
        {
            _slots[0].Environment = new ExecutionEnvironment(options, _settings);
        }
    }

    /// <summary>Where a runtime that the twin does not start itself finds its Runtime API; null with a command.</summary>
    public string? RuntimeApiAddress => _options.Command is null ? _slots[0].Environment!.RuntimeApiAddress : null;

    /// <summary>Of the last 1,000 invocations, oldest first.</summary>
    public InvocationRecord[] Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _recorders.Select(recorder => recorder.Snapshot())];
            }
        }
    }

    public Violation[] Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    public int[] ProcessIds
    {
        get
        {
            lock (_lock)
            {
                return [.. _slots.Select(slot => slot.Environment).Where(each => each is { IsAlive: true, ProcessId: not null })
                    .Select(each => each!.ProcessId!.Value)];
            }
        }
    }

    public InvocationRecorder CreateRecorder(string requestId) => new(requestId, ReportViolation);

    /// <summary>False: throttled. With <paramref name="mayQueue"/> (asynchronous calls) it waits behind others instead.</summary>
    public bool TryInvoke(Invocation invocation, bool mayQueue = false)
    {
        lock (_lock)
        {
            var slot = _slots.FirstOrDefault(each => each.Pending == 0 && each.Environment is { IsAlive: true })
                       ?? _slots.FirstOrDefault(each => each is { Pending: 1, Last.Completed.IsCompleted: true })
                       ?? _slots.FirstOrDefault(each => each.Pending == 0)
                       ?? (mayQueue ? _slots.MinBy(each => each.Pending) : null);
            if (slot is null || _stopping.IsCancellationRequested)
            {
                return false;
            }

            _recorders.Enqueue(invocation.Recorder);
            if (_recorders.Count > MaxRecords)
            {
                _recorders.Dequeue();
            }

            slot.Pending++;
            slot.Last = invocation;
            slot.Run = RunAsync(slot, slot.Run, invocation);
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] runs;
        lock (_lock)
        {
            runs = [.. _slots.Select(slot => slot.Run)];
        }

        await Task.WhenAll(runs).ConfigureAwait(false);
        await Task.WhenAll(_slots.Select(slot => slot.Environment?.DisposeAsync().AsTask() ?? Task.CompletedTask)).ConfigureAwait(false);
        _spawner.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(Slot slot, Task previous, Invocation invocation)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var failure = await PrepareAsync(slot, invocation.RequestId).ConfigureAwait(false);
            if (failure is null)
            {
                await slot.Environment!.RunAsync(invocation, _stopping.Token).ConfigureAwait(false);
            }
            else
            {
                invocation.Abort(failure);
            }
        }
        catch (Exception exception)
        {
            // The edge of a chain that nobody awaits before the end: what the twin itself does wrong costs this invocation and its process,
            // not all later ones.
            invocation.Abort(InvocationOutcome.Platform("Sandbox.Failure", invocation.RequestId, exception.Message));
            slot.Environment?.Retire();
            _options.Log($"The twin failed in RequestId: {invocation.RequestId}: {exception.GetType()}: {exception.Message}");
        }
        finally
        {
            invocation.ReportWritten();
            lock (_lock)
            {
                slot.Pending--;
            }
        }
    }

    private async Task<InvocationOutcome?> PrepareAsync(Slot slot, string requestId)
    {
        if (slot.Environment is { IsAlive: false } dead)
        {
            await dead.DisposeAsync().ConfigureAwait(false);
            slot.Environment = null;
        }

        slot.Environment ??= new ExecutionEnvironment(_options, _settings);
        return await slot.Environment.InitializeAsync(_spawner, requestId, _stopping.Token).ConfigureAwait(false);
    }

    private void ReportViolation(Violation violation)
    {
        lock (_lock)
        {
            if (_violations.Count < MaxRecords)
            {
                _violations.Add(violation);
            }
        }

        _options.Log($"VIOLATION {violation.Kind}: {violation.Detail}");
    }

    /// <summary>The place of one process. Runs in it are chained: each waits for the one before.</summary>
    private sealed class Slot
    {
        public ExecutionEnvironment? Environment { get; set; }

        public int Pending { get; set; }

        public Invocation? Last { get; set; }

        public Task Run { get; set; } = Task.CompletedTask;
    }
}
