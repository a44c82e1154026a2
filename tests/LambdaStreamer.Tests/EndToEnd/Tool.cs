using System.ComponentModel;
using System.Diagnostics;
using LambdaStreamer.LocalHost.CommandLine;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Programs of this machine, run from the repository's root with the keys of the local twin.</summary>
internal static class Tool
{
    /// <summary>The folder with the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Runs to the end; skips the test, saying why, when the program is not installed.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string command, params string[] arguments)
    {
        using var process = Start(command, arguments);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output, await errors);
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
        startInfo.Environment["AWS_ACCESS_KEY_ID"] = RunningHost.AccessKeyId;
        startInfo.Environment["AWS_SECRET_ACCESS_KEY"] = RunningHost.SecretAccessKey;
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

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LambdaStreamer.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not lie below LambdaStreamer.sln.");
        }

        return folder;
    }
}
