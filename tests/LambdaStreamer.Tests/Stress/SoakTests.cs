using System.Globalization;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Every dialect and fault, mixed, through one process of the native function for long.</summary>
public class SoakTests
{
    private const int SliceStreams = 150;
    private const int DefaultStreams = 20_000;
    private const int Concurrency = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(Concurrency)]
    public Task Slice_GivesEveryTextAsRecorded(int concurrency) =>
        new SoakRun(seed: 1, SliceStreams, concurrency, static _ => { }).RunAsync();

    [Fact(Explicit = true)]
    public async Task ManyStreams_GiveEveryTextAndKeepNothing()
    {
        var streams = Read("LAMBDASTREAMER_SOAK_STREAMS") ?? DefaultStreams;
        var seed = (ulong)(Read("LAMBDASTREAMER_SOAK_SEED") ?? Random.Shared.Next());
        Action<string> print = TestContext.Current.TestOutputHelper!.WriteLine;
        await new SoakRun(seed, streams, concurrency: 1, print).RunAsync();
        await new SoakRun(seed, streams / 4, Concurrency, print).RunAsync();
    }

    private static int? Read(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
