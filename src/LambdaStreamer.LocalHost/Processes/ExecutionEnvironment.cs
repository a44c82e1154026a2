using System.Globalization;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>
/// A Runtime API and the process that talks to it (or a runtime that somebody else started). Runs invocations, each from handing out the
/// event until the runtime polls again, and enforces the timeouts of init and function.
/// </summary>
internal sealed class ExecutionEnvironment : IAsyncDisposable
{
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(10);

    // What a dead process sent before it died is still in our socket buffers; this is how long reading them may take.
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(5);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly Lock _lock = new();
    private readonly LambdaTwinOptions _options;
    private readonly Action<int> _reportExitCode;
    private readonly RuntimeApiServer _server;
    private readonly TimeProvider _time;
    private readonly long _createdAt;
    private FunctionProcess? _process;
    private bool _isInitialized;
    private TimeSpan? _unreportedInit;
    private volatile bool _retired;
    private volatile Invocation[] _running = [];
    private TaskCompletionSource? _idle;

    public ExecutionEnvironment(LambdaTwinOptions options, RuntimeApiSettings settings, Action<int> reportExitCode)
    {
        _options = options;
        _reportExitCode = reportExitCode;
        _time = options.TimeProvider;
        _createdAt = _time.GetTimestamp();
        _server = new RuntimeApiServer(settings);
    }

    public string RuntimeApiAddress => _server.Address;

    public int? ProcessId => _process?.Id;

    /// <summary>False once it must be replaced.</summary>
    public bool IsAlive => !_retired && !Exited.IsCompleted;

    /// <summary>The process started and has ended.</summary>
    public bool HasExited => Exited.IsCompleted;

    private Task Exited => _process?.Exited ?? Never;

    /// <summary>Starts the process and waits for its first poll. Null: it is ready; else why the invocation that needed it fails.</summary>
    public async Task<InvocationOutcome?> InitializeAsync(ProcessSpawner spawner, string requestId, CancellationToken stopping)
    {
        if (_options.Command is not null && _process is null)
        {
            _options.Log("INIT_START Runtime Version: provided:al2023");
            var logStream = $"{_time.GetUtcNow():yyyy/MM/dd}/[$LATEST]{Guid.NewGuid():n}";
            var environment = FunctionEnvironment.Build(_options, _server.Address, logStream);
            try
            {
                _process = new FunctionProcess(
                    await spawner.StartAsync(_options.Command, _options.Arguments, environment).ConfigureAwait(false),
                    LogOfFunction,
                    _reportExitCode);
                _server.ProcessExited = _process.Exited;
            }
            catch (FileNotFoundException exception)
            {
                _retired = true;
                return InvocationOutcome.Platform("Runtime.InvalidEntrypoint", requestId, exception.Message);
            }
        }

        var initialized = _server.Lifecycle.Initialized;
        using var stopTimer = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(initialized, Exited, Task.Delay(InitTimeout, _time, stopTimer.Token)).ConfigureAwait(false);
        await stopTimer.CancelAsync().ConfigureAwait(false);
        var failure = initialized.IsCompletedSuccessfully ? initialized.Result
            : Exited.IsCompleted ? InvocationOutcome.Platform("Runtime.ExitError", requestId, _process!.ExitReason)
            : stopping.IsCancellationRequested ? ShuttingDown(requestId)
            : InvocationOutcome.Platform("Sandbox.Timedout", requestId, "Init timed out after 10.00 seconds");
        if (failure is null)
        {
            if (!_isInitialized)
            {
                // Once: with several invocations at once this runs for each of them, and the first to end reports it.
                _unreportedInit = _process is null ? null : _time.GetElapsedTime(_createdAt);
                _isInitialized = true;
            }

            return null;
        }

        _options.Log($"INIT_REPORT Init Duration: {Milliseconds(_time.GetElapsedTime(_createdAt))} ms\tPhase: init\t"
            + $"Status: {StatusOf(failure)}\tError Type: {failure.ErrorType}");
        Retire();
        return failure;
    }

    /// <summary>
    /// Runs one invocation to the runtime's next poll. Its outcome is stated in all cases, at the latest when this completes.
    /// </summary>
    public async Task RunAsync(Invocation invocation, CancellationToken stopping)
    {
        Enter(invocation);
        try
        {
            await RunToNextPollAsync(invocation, stopping).ConfigureAwait(false);
        }
        finally
        {
            Leave(invocation);
        }
    }

    /// <summary>A process of ours that failed is not asked twice; a runtime that somebody else started may begin anew.</summary>
    public void Retire()
    {
        if (_process is null)
        {
            _server.Lifecycle.Restart();
            return;
        }

        _retired = true;
        _process.Kill();
    }

    /// <summary>Tells the process to stop and gives it Lambda's time to do so; what it answers meanwhile is passed on.</summary>
    public Task TerminateAsync() => _process?.TerminateAsync() ?? Task.CompletedTask;

    public static InvocationOutcome ShuttingDown(string requestId) =>
        InvocationOutcome.Platform("Sandbox.Failure", requestId, "the twin is shutting down");

    public async ValueTask DisposeAsync()
    {
        _retired = true;
        if (_process is not null)
        {
            // Its Runtime API stays until it is gone: a function that ends as told must not find its poll broken first.
            await _process.DisposeAsync().ConfigureAwait(false);
        }

        // Without a process no invocation lasts, but its last words may still be on their way.
        await IdleAsync().ConfigureAwait(false);
        _server.Lifecycle.ShutDown();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunToNextPollAsync(Invocation invocation, CancellationToken stopping)
    {
        var startedAt = _time.GetTimestamp();
        Log(invocation, $"START RequestId: {invocation.RequestId} Version: $LATEST");
        invocation.Deadline = _time.GetUtcNow() + _options.FunctionTimeout;
        var polledAgain = _server.Lifecycle.Offer(invocation);
        using var stopTimer = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(polledAgain, Exited, Task.Delay(_options.FunctionTimeout, _time, stopTimer.Token)).ConfigureAwait(false);
        await stopTimer.CancelAsync().ConfigureAwait(false);

        var memory = _process?.PeakMemoryBytes();
        var failure = polledAgain.IsCompleted ? null : await EndFromOutsideAsync(invocation, stopping).ConfigureAwait(false);
        Log(invocation, $"END RequestId: {invocation.RequestId}");
        var outcome = failure ?? await invocation.Completed.ConfigureAwait(false);
        Log(invocation, Report(invocation, _time.GetElapsedTime(startedAt), memory, outcome));
        invocation.ReportWritten();
    }

    /// <summary>Null when the function had answered as it should before it ended as told.</summary>
    private async Task<InvocationOutcome?> EndFromOutsideAsync(Invocation invocation, CancellationToken stopping)
    {
        InvocationOutcome outcome;
        var isTimeout = false;
        if (Exited.IsCompleted)
        {
            await Task.WhenAny(_server.ConnectionsEndedAsync(), Task.Delay(LastWordsTimeout, stopping)).ConfigureAwait(false);
            outcome = InvocationOutcome.Platform("Runtime.ExitError", invocation.RequestId, _process!.ExitReason);
        }
        else if (stopping.IsCancellationRequested)
        {
            outcome = ShuttingDown(invocation.RequestId);
        }
        else
        {
            isTimeout = true;
            var seconds = _options.FunctionTimeout.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture);
            outcome = InvocationOutcome.Platform("Sandbox.Timedout", invocation.RequestId, $"Task timed out after {seconds} seconds");
        }

        var endedAsTold = _process is { WasTerminated: true } && invocation.Completed.IsCompleted;
        invocation.Abort(outcome);
        _server.Lifecycle.TimeOut(invocation);
        if (isTimeout && _options.MaxConcurrency is not null)
        {
            // Managed instances tell the caller and leave the process, and the other invocations in it, alone.
            return outcome;
        }

        _server.CloseConnections();
        if (!stopping.IsCancellationRequested)
        {
            Retire();
        }

        return endedAsTold ? null : outcome;
    }

    private void Enter(Invocation invocation)
    {
        lock (_lock)
        {
            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _running = [.. _running, invocation];
        }
    }

    private void Leave(Invocation invocation)
    {
        lock (_lock)
        {
            _running = [.. _running.Where(each => each != invocation)];
            if (_running.Length == 0)
            {
                _idle?.SetResult();
                _idle = null;
            }
        }
    }

    private Task IdleAsync()
    {
        lock (_lock)
        {
            return _idle?.Task ?? Task.CompletedTask;
        }
    }

    private void LogOfFunction(int processId, string line)
    {
        // Of several invocations a line is that of the one it names.
        var running = _running;
        foreach (var invocation in running.Where(each => running.Length == 1 || line.Contains(each.RequestId, StringComparison.Ordinal)))
        {
            invocation.Log.Add(line);
        }

        _options.Log($"{_options.FunctionName}[{processId}] {line}");
    }

    private void Log(Invocation invocation, string line)
    {
        invocation.Log.Add(line);
        _options.Log(line);
    }

    private string Report(Invocation invocation, TimeSpan duration, long? memory, InvocationOutcome outcome)
    {
        var billed = Math.Ceiling((duration + (_unreportedInit ?? TimeSpan.Zero)).TotalMilliseconds);
        var report = $"REPORT RequestId: {invocation.RequestId}\tDuration: {Milliseconds(duration)} ms\t"
                     + $"Billed Duration: {billed.ToString(CultureInfo.InvariantCulture)} ms\t"
                     + $"Memory Size: {_options.MemorySizeMegabytes} MB";
        report += memory is { } bytes ? $"\tMax Memory Used: {bytes / (1024 * 1024)} MB" : "";
        report += _unreportedInit is { } init ? $"\tInit Duration: {Milliseconds(init)} ms" : "";
        report += outcome.IsError ? $"\tStatus: {StatusOf(outcome)}\tError Type: {outcome.ErrorType}" : "";
        _unreportedInit = null;
        return report;
    }

    private static string StatusOf(InvocationOutcome outcome) => outcome.ErrorType == "Sandbox.Timedout" ? "timeout" : "error";

    private static string Milliseconds(TimeSpan duration) => duration.TotalMilliseconds.ToString("F2", CultureInfo.InvariantCulture);
}
