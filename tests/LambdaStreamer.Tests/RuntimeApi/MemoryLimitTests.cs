using System.Diagnostics;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Tests.RuntimeApi;

public class MemoryLimitTests
{
    [Fact]
    public async Task MemorySize_LimitsTheHeap()
    {
        // In a process of its own: a limit cannot be lifted again.
        var startInfo = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{typeof(MemoryLimitTests).FullName}.{nameof(Limited)}", "-explicit", "only"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(startInfo)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0 && output.Contains("Total: 1", StringComparison.Ordinal), output);
    }

    [Fact(Explicit = true)]
    public void Limited()
    {
        MemoryLimit.Apply("512");
        Assert.Equal(512L * 1024 * 1024 / 100 * 80, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("-1")]
    [InlineData("99999999")]
    public void NoSizeOrOneThatIsLargerThanTheMachine_ChangesNothing(string? megabytes)
    {
        var before = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        MemoryLimit.Apply(megabytes);
        Assert.Equal(before, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }
}
