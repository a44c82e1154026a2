using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using LambdaStreamer.LocalHost.CommandLine;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>
/// Programs of this machine, run from the repository's root with the keys of the local twin. Of the machine's own AWS and proxy settings
/// they see nothing.
/// </summary>
internal static class Tool
{
    /// <summary>How long a program may take before the test fails instead of hanging.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] ProxyVariables = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

    /// <summary>The folder with the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>
    /// Runs to the end. Skips the test, saying why, when the program is not installed; fails it with what the program printed when the end
    /// does not come.
    /// </summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string command, params string[] arguments)
    {
        using var process = Start(command, arguments);
        var output = new StringBuilder();
        var errors = new StringBuilder();
        var ended = Task.WhenAll(
            PumpAsync(process.StandardOutput, output), PumpAsync(process.StandardError, errors), process.WaitForExitAsync());
        try
        {
            await ended.WaitAsync(Patience, TestContext.Current.CancellationToken);
            return (process.ExitCode, output.ToString(), errors.ToString());
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{command} {string.Join(' ', arguments)} did not end; it printed:\n{Text(output)}\n{Text(errors)}");
            throw;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public static Process Start(string command, params string[] arguments)
    {
        var startInfo = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository,
        };
        foreach (var name in startInfo.Environment.Keys.ToArray())
        {
            if (name.StartsWith("AWS_", StringComparison.Ordinal) || ProxyVariables.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                startInfo.Environment.Remove(name);
            }
        }

        startInfo.Environment["AWS_ACCESS_KEY_ID"] = RunningHost.AccessKeyId;
        startInfo.Environment["AWS_SECRET_ACCESS_KEY"] = RunningHost.SecretAccessKey;
        startInfo.Environment["AWS_CONFIG_FILE"] = "/dev/null";
        startInfo.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        startInfo.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        try
        {
            return Process.Start(startInfo)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{command} is not installed on this machine.");
            throw;
        }
    }

    /// <summary>Skips the test when python3 has no boto3.</summary>
    public static async Task RequireBoto3Async()
    {
        var (exitCode, _, errors) = await RunAsync("python3", "-c", "import boto3");
        Assert.SkipWhen(exitCode != 0, $"python3 cannot import boto3: {errors}");
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is var length and > 0)
        {
            lock (into)
            {
                into.Append(buffer, 0, length);
            }
        }
    }

    private static string Text(StringBuilder written)
    {
        lock (written)
        {
            return written.ToString();
        }
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LambdaStreamer.sln")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new DirectoryNotFoundException("The tests do not lie below LambdaStreamer.sln.");
        }

        return folder;
    }
}
