using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>The place of one process: starts it when it is first needed, and another when it has died.</summary>
internal sealed class ProcessPlace(
    LambdaTwinOptions options, RuntimeApiSettings settings, ProcessSpawner spawner, Action<int> reportExitCode) : IAsyncDisposable
{
    // Several invocations may need the process at once.
    private readonly SemaphoreSlim _preparing = new(1);

    public ExecutionEnvironment? Environment { get; private set; }

    /// <summary>The environment, with the process in it ready, or why the invocation that needed it fails.</summary>
    public async Task<(ExecutionEnvironment Environment, InvocationOutcome? Failure)> PrepareAsync(
        string requestId, CancellationToken stopping)
    {
        await _preparing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (Environment is { IsAlive: false } dead)
            {
                await dead.DisposeAsync().ConfigureAwait(false);
                Environment = null;
            }

            var environment = Open();
            return (environment, await environment.InitializeAsync(spawner, requestId, stopping).ConfigureAwait(false));
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>Opens a Runtime API without a process: for a runtime that somebody else starts.</summary>
    public ExecutionEnvironment Open() => Environment ??= new ExecutionEnvironment(options, settings, reportExitCode);

    public async ValueTask DisposeAsync()
    {
        if (Environment is not null)
        {
            await Environment.DisposeAsync().ConfigureAwait(false);
        }

        _preparing.Dispose();
    }
}
