using System.Globalization;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>
/// A Runtime API and the process that talks to it (or a runtime that somebody else started). Runs one invocation at a time, from handing
/// out the event until the runtime polls again, and enforces the timeouts of init and function.
/// </summary>
internal sealed class ExecutionEnvironment : IAsyncDisposable
{
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(10);

    // What a dead process sent before it died is still in our socket buffers; this is how long reading them may take.
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(5);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly LambdaTwinOptions _options;
    private readonly RuntimeApiServer _server;
    private readonly TimeProvider _time;
    private readonly long _createdAt;
    private FunctionProcess? _process;
    private bool _isInitialized;
    private TimeSpan? _unreportedInit;
    private volatile bool _retired;
    private volatile Invocation? _running;

    public ExecutionEnvironment(LambdaTwinOptions options, RuntimeApiSettings settings)
    {
        _options = options;
        _time = options.TimeProvider;
        _createdAt = _time.GetTimestamp();
        _server = new RuntimeApiServer(settings);
    }

    public string RuntimeApiAddress => _server.Address;

    public int? ProcessId => _process?.Id;

    /// <summary>False once it must be replaced.</summary>
    public bool IsAlive => !_retired && !Exited.IsCompleted;

    private Task Exited => _process?.Exited ?? Never;

    /// <summary>Starts the process and waits for its first poll. Null: it is ready; else why the invocation that needed it fails.</summary>
    public async Task<InvocationOutcome?> InitializeAsync(ProcessSpawner spawner, string requestId, CancellationToken stopping)
    {
        if (_options.Command is not null && _process is null)
        {
            Log("INIT_START Runtime Version: provided:al2023");
            var logStream = $"{_time.GetUtcNow():yyyy/MM/dd}/[$LATEST]{Guid.NewGuid():n}";
            var environment = FunctionEnvironment.Build(_options, _server.Address, logStream);
            try
            {
                _process = new FunctionProcess(
                    await spawner.StartAsync(_options.Command, _options.Arguments, environment).ConfigureAwait(false), LogOfFunction);
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
            _unreportedInit = _isInitialized || _process is null ? null : _time.GetElapsedTime(_createdAt);
            _isInitialized = true;
            return null;
        }

        Log($"INIT_REPORT Init Duration: {Milliseconds(_time.GetElapsedTime(_createdAt))} ms\tPhase: init\t"
            + $"Status: {StatusOf(failure)}\tError Type: {failure.ErrorType}");
        Retire();
        return failure;
    }

    /// <summary>
    /// Runs one invocation to the runtime's next poll. Its outcome is stated in all cases, at the latest when this completes.
    /// </summary>
    public async Task RunAsync(Invocation invocation, CancellationToken stopping)
    {
        var startedAt = _time.GetTimestamp();
        var lifecycle = _server.Lifecycle;
        _running = invocation;
        Log($"START RequestId: {invocation.RequestId} Version: $LATEST");
        invocation.Deadline = _time.GetUtcNow() + _options.FunctionTimeout;
        lifecycle.Offer(invocation);
        var polledAgain = lifecycle.PolledAgain;
        using var stopTimer = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(polledAgain, Exited, Task.Delay(_options.FunctionTimeout, _time, stopTimer.Token)).ConfigureAwait(false);
        await stopTimer.CancelAsync().ConfigureAwait(false);

        var memory = _process?.PeakMemoryBytes();
        var failure = polledAgain.IsCompleted ? null : await EndFromOutsideAsync(invocation, stopping).ConfigureAwait(false);
        Log($"END RequestId: {invocation.RequestId}");
        Log(Report(invocation, _time.GetElapsedTime(startedAt), memory, failure ?? await invocation.Completed.ConfigureAwait(false)));
        _running = null;
        invocation.ReportWritten();
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

    public async ValueTask DisposeAsync()
    {
        _retired = true;
        if (_process is not null)
        {
            // Its Runtime API stays until it is gone: a function that ends as told must not find its poll broken first.
            await _process.DisposeAsync().ConfigureAwait(false);
        }

        _server.Lifecycle.ShutDown();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<InvocationOutcome> EndFromOutsideAsync(Invocation invocation, CancellationToken stopping)
    {
        InvocationOutcome outcome;
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
            var seconds = _options.FunctionTimeout.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture);
            outcome = InvocationOutcome.Platform("Sandbox.Timedout", invocation.RequestId, $"Task timed out after {seconds} seconds");
        }

        invocation.Abort(outcome);
        _server.Lifecycle.TimeOut();
        _server.CloseConnections();
        if (!stopping.IsCancellationRequested)
        {
            Retire();
        }

        return outcome;
    }

    private static InvocationOutcome ShuttingDown(string requestId) =>
        InvocationOutcome.Platform("Sandbox.Failure", requestId, "the twin is shutting down");

    private void LogOfFunction(int processId, string line)
    {
        _running?.Log.Add(line);
        _options.Log($"{_options.FunctionName}[{processId}] {line}");
    }

    private void Log(string line)
    {
        _running?.Log.Add(line);
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
