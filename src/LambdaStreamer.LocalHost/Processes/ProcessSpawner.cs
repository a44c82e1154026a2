using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace LambdaStreamer.LocalHost.Processes;

/// <summary>
/// Starts child processes from one thread that lives as long as they do. The kernel sends a parent-death signal when the
/// <em>thread</em> that forked is gone, and a thread of the pool may go at any time.
/// </summary>
internal sealed class ProcessSpawner : IDisposable
{
    private static readonly string? Setpriv = OperatingSystem.IsLinux() ? FindExecutable("setpriv") : null;

    private readonly BlockingCollection<(ProcessStartInfo StartInfo, TaskCompletionSource<Process> Started)> _requests = [];
    private readonly Thread _thread;

    public ProcessSpawner()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(ProcessSpawner) };
        _thread.Start();
    }

    /// <summary>
    /// Fails with FileNotFoundException when there is no such executable. Where setpriv is installed the child is killed when this
    /// process ends, however that happens; elsewhere it finds its Runtime API gone.
    /// </summary>
    public Task<Process> StartAsync(string command, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var executable = FindExecutable(command) ?? throw new FileNotFoundException($"no executable '{command}'");
        var startInfo = new ProcessStartInfo(Setpriv ?? executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Setpriv is not null)
        {
            foreach (var argument in new[] { "--pdeathsig", "KILL", "--", executable })
            {
                startInfo.ArgumentList.Add(argument);
            }
        }

        foreach (var argument in arguments)
        {
            startInfo.ArgumentList.Add(argument);
        }

        startInfo.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            startInfo.Environment[name] = value;
        }

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add((startInfo, started));
        return started.Task;
    }

    /// <summary>Call when the children are gone.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
    }

    private static string? FindExecutable(string command)
    {
        if (command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return File.Exists(command) ? command : null;
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return directories.Select(directory => Path.Combine(directory, command)).FirstOrDefault(File.Exists);
    }

    private void Run()
    {
        foreach (var (startInfo, started) in _requests.GetConsumingEnumerable())
        {
            var process = new Process { StartInfo = startInfo, EnableRaisingEvents = true };
            try
            {
                process.Start();
                started.SetResult(process);
            }
            catch (Win32Exception exception)
            {
                process.Dispose();
                started.SetException(new FileNotFoundException(exception.Message, exception));
            }
        }
    }
}
