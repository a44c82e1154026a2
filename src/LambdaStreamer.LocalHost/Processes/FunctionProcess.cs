using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>One running function process: its output, its end, its memory.</summary>
internal sealed class FunctionProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;

    // The time Lambda gives a runtime between SIGTERM and SIGKILL.
    private static readonly TimeSpan TerminationGrace = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<int> _onExit;
    private readonly Task _output;
    private int _exitSeen;
    private Task? _terminated;

    /// <param name="process">Just started, its output redirected.</param>
    /// <param name="onLine">Told the process id and a line; before the constructor returns, even.</param>
    /// <param name="onExit">Told the exit code, before <see cref="Exited"/> completes.</param>
    public FunctionProcess(Process process, Action<int, string> onLine, Action<int> onExit)
    {
        _process = process;
        _onExit = onExit;
        _process.Exited += (_, _) => NoteExit();
        if (_process.HasExited)
        {
            NoteExit();
        }

        Id = process.Id;
        _output = Task.WhenAll(PumpAsync(_process.StandardOutput, Log), PumpAsync(_process.StandardError, Log));

        void Log(string line) => onLine(Id, line);
    }

    public int Id { get; }

    public Task Exited => _exited.Task;

    public bool WasTerminated => _terminated is not null;

    /// <summary>In the words of Lambda's error message, once it has exited.</summary>
    public string ExitReason => _exited.Task.Result switch
    {
        0 => "Runtime exited without providing a reason",
        > 128 and var code => $"Runtime exited with error: signal: {SignalName(code - 128)}",
        var code => $"Runtime exited with error: exit status {code}",
    };

    /// <summary>Peak resident memory; null where /proc does not tell, or too late.</summary>
    public long? PeakMemoryBytes()
    {
        try
        {
            // VmHWM:    30720 kB
            var line = File.ReadLines($"/proc/{Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            var kibibytes = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
            return kibibytes is null ? null : long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or a child of it, was faster.
        }
    }

    /// <summary>SIGTERM, once, and the time that Lambda gives a runtime to end by itself.</summary>
    public Task TerminateAsync() => _terminated ??= SendTerminateAsync();

    /// <summary>SIGTERM and its time, then SIGKILL.</summary>
    public async ValueTask DisposeAsync()
    {
        await TerminateAsync().ConfigureAwait(false);
        Kill();
        await _exited.Task.ConfigureAwait(false);

        // A grandchild that outlived the kill may hold the pipes open; its output is nobody's.
        await Task.WhenAny(_output, Task.Delay(TerminationGrace)).ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task SendTerminateAsync()
    {
        if (!_exited.Task.IsCompleted && !OperatingSystem.IsWindows() && SendSignal(Id, SignalTerminate) == 0)
        {
            await Task.WhenAny(_exited.Task, Task.Delay(TerminationGrace)).ConfigureAwait(false);
        }
    }

    private void NoteExit()
    {
        if (Interlocked.Exchange(ref _exitSeen, 1) == 0)
        {
            _onExit(_process.ExitCode);
            _exited.SetResult(_process.ExitCode);
        }
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        // Disposing the process closes the stream under a read.
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                onLine(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private static string SignalName(int signal) => signal switch
    {
        6 => "aborted",
        9 => "killed",
        11 => "segmentation fault",
        SignalTerminate => "terminated",
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    // Process knows SIGKILL only.
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
