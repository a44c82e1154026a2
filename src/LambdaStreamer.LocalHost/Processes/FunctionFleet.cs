using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>
/// The function's processes: an invocation goes to an idle one, else to one that has answered and only needs to poll again, else to a new
/// one up to the limit. A process that died is replaced by the next invocation that needs its place. With
/// <see cref="LambdaTwinOptions.MaxConcurrency"/> all of that holds for the slots of one process.
/// </summary>
internal sealed class FunctionFleet : IAsyncDisposable
{
    private const int MaxRecords = 1000;

    /// <summary>For what processes said before they ended as told; a client may be slow to take it.</summary>
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly LambdaTwinOptions _options;
    private readonly RuntimeApiSettings _settings;
    private readonly ProcessSpawner _spawner = new();
    private readonly ProcessPlace[] _places;
    private readonly Slot[] _slots;
    private readonly Queue<InvocationRecorder> _recorders = [];
    private readonly List<Violation> _violations = [];
    private readonly List<int> _exitCodes = [];
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _takesNoMore;

    public FunctionFleet(LambdaTwinOptions options)
    {
        _options = options;
        _settings = new RuntimeApiSettings
        {
            TimeProvider = options.TimeProvider,
            Concurrency = options.MaxConcurrency ?? 1,
            NextVariation = options.NextVariation
                ?? (options.MaxConcurrency is null
                    ? NextVariation.Default
                    : new NextVariation { OptionalHeaders = OptionalHeaders.SentOrEmpty }),
            LimitBandwidth = options.LimitBandwidth,
            ReportViolation = ReportViolation,
        };
        var places = options.Command is null || options.MaxConcurrency is not null ? 1 : options.MaxProcesses;
        _places = [.. Enumerable.Range(0, places).Select(_ => new ProcessPlace(options, _settings, _spawner, ReportExitCode))];
        _slots = [.. Enumerable.Range(0, _settings.Concurrency).SelectMany(_ => _places).Select(static place => new Slot(place))];
        if (options.Command is null)
        {
            RuntimeApiAddress = _places[0].Open().RuntimeApiAddress;
        }
    }

    /// <summary>Where a runtime that the twin does not start itself finds its Runtime API; null with a command.</summary>
    public string? RuntimeApiAddress { get; }

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
                return [.. _places.Select(place => place.Environment).Where(each => each is { IsAlive: true, ProcessId: not null })
                    .Select(each => each!.ProcessId!.Value)];
            }
        }
    }

    /// <summary>Of the processes that have ended, in that order; the first 1,000.</summary>
    public int[] ExitCodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _exitCodes];
            }
        }
    }

    public InvocationRecorder CreateRecorder(string requestId) => new(requestId, ReportViolation);

    /// <summary>False: throttled. With <paramref name="mayQueue"/> (asynchronous calls) it waits behind others instead.</summary>
    public bool TryInvoke(Invocation invocation, bool mayQueue = false)
    {
        lock (_lock)
        {
            var slot = _slots.FirstOrDefault(each => each.Pending == 0 && each.Place.Environment is { IsAlive: true })
                       ?? _slots.FirstOrDefault(each => each is { Pending: 1, Last.Completed.IsCompleted: true })
                       ?? _slots.FirstOrDefault(each => each.Pending == 0)
                       ?? (mayQueue ? _slots.MinBy(each => each.Pending) : null);
            if (slot is null || _takesNoMore)
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

    /// <summary>
    /// SIGTERM to the processes first, as Lambda does: answers end in their way as far as half a second allows. What still runs then ends
    /// with Sandbox.Failure.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _takesNoMore = true;
        }

        await Task.WhenAll(_places.Select(static place => place.Environment?.TerminateAsync() ?? Task.CompletedTask)).ConfigureAwait(false);
        var ended = _slots.Where(static slot => slot.Place.Environment is { HasExited: true });
        var ending = Task.WhenAll(ended.Select(static slot => slot.Run));
        await Task.WhenAny(ending, Task.Delay(LastWordsTimeout)).ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_slots.Select(static slot => slot.Run)).ConfigureAwait(false);
        await Task.WhenAll(_places.Select(static place => place.DisposeAsync().AsTask())).ConfigureAwait(false);
        _spawner.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(Slot slot, Task previous, Invocation invocation)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (_takesNoMore)
            {
                // It waited behind another whose process has been told to stop.
                invocation.Abort(ExecutionEnvironment.ShuttingDown(invocation.RequestId));
                return;
            }

            var (environment, failure) = await slot.Place.PrepareAsync(invocation.RequestId, _stopping.Token).ConfigureAwait(false);
            if (failure is null)
            {
                await environment.RunAsync(invocation, _stopping.Token).ConfigureAwait(false);
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
            slot.Place.Environment?.Retire();
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

    private void ReportExitCode(int exitCode)
    {
        lock (_lock)
        {
            if (_exitCodes.Count < MaxRecords)
            {
                _exitCodes.Add(exitCode);
            }
        }
    }

    /// <summary>Room for one invocation in a process. Runs in it are chained: each waits for the one before.</summary>
    private sealed class Slot(ProcessPlace place)
    {
        public ProcessPlace Place => place;

        public int Pending { get; set; }

        public Invocation? Last { get; set; }

        public Task Run { get; set; } = Task.CompletedTask;
    }
}
