using System.Diagnostics;
using System.Globalization;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.Stress;

/// <summary>
/// What no peer should send, through decoder, lines, tokens and the whole middle: nothing is thrown, nothing grows, and where the bytes
/// were cut does not show.
/// </summary>
public class FuzzTests
{
    private const int SliceInputs = 20_000;
    private const int DefaultInputs = 5_000_000;
    private const int RoundInputs = 250_000;
    private const int Threads = 2;

    /// <summary>Since the first round; what the shared pool keeps comes and goes within it.</summary>
    private const long MostGrowth = 16 * 1024 * 1024;

    /// <summary>An input needs some objects; a buffer of 32 KiB that is not given back would show.</summary>
    private const long MostAllocatedPerInput = 16 * 1024;

    [Fact]
    public void Slice_ThrowsNothingAndComesToTheSameWhenCut()
    {
        var endings = RunRound(seed: 1, first: 0, SliceInputs);

        // Otherwise the inputs were all broken in the same way.
        Assert.Superset(
            new HashSet<string>
            {
                "Success", nameof(Ending.FrameInvalid), nameof(Ending.FrameTruncated), nameof(Ending.InternalStreamFailure),
                nameof(Ending.ModelDialectUnknown), nameof(Ending.ModelEndMissing), nameof(Ending.ModelError),
                nameof(Ending.ModelLineInvalid), nameof(Ending.ModelStreamError),
                nameof(Ending.UnmodelledError),
            },
            endings.Keys.ToHashSet());
    }

    [Fact(Explicit = true)]
    public void ManyInputs_ThrowNothingAndKeepNoMemory()
    {
        var inputs = Read("LAMBDASTREAMER_FUZZ_INPUTS") ?? DefaultInputs;
        var seed = (ulong)(Read("LAMBDASTREAMER_FUZZ_SEED") ?? Random.Shared.Next());
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        var began = Stopwatch.GetTimestamp();
        var memoryAfterFirst = 0L;
        for (long first = 0; first < inputs; first += RoundInputs)
        {
            var count = Math.Min(RoundInputs, inputs - first);
            var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            var endings = RunRound(seed, first, count);
            var allocated = (GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore) / count;
            var memory = GC.GetTotalMemory(forceFullCollection: true);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{first + count} inputs, {seconds:F1} s, {(first + count) / seconds:F0} a second, {allocated} bytes allocated for one, "
                + $"{memory / 1e6:F1} MB managed, {Environment.WorkingSet / 1e6:F0} MB resident"));
            var often = endings.OrderByDescending(static ending => ending.Value).Select(static ending => $"{ending.Key} {ending.Value}");
            output.WriteLine($"    {string.Join(", ", often)}");
            memoryAfterFirst = first == 0 ? memory : memoryAfterFirst;
            Assert.InRange(memory, 0, memoryAfterFirst + MostGrowth);
            Assert.InRange(allocated, 0, MostAllocatedPerInput);
        }

        using var process = Process.GetCurrentProcess();
        var total = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"fuzz: {inputs} inputs, seed {seed}, {total:F1} s, {inputs / total:F0} a second, "
            + $"peak {process.PeakWorkingSet64 / 1e6:F0} MB: nothing found"));
    }

    /// <returns>How often the middle ended in which way.</returns>
    private static Dictionary<string, int> RunRound(ulong seed, long first, long count)
    {
        var endings = new Dictionary<string, int>();
        Parallel.For(
            0,
            Threads,
            new ParallelOptions { MaxDegreeOfParallelism = Threads },
            thread =>
            {
                using var worker = new FuzzWorker(seed);
                for (var input = first + thread; input < first + count; input += Threads)
                {
                    worker.Run(input);
                }

                lock (endings)
                {
                    foreach (var (ending, times) in worker.Endings)
                    {
                        endings[ending] = endings.GetValueOrDefault(ending) + times;
                    }
                }
            });
        return endings;
    }

    private static long? Read(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
