using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Running;

namespace LambdaStreamer.Benchmarks;

/// <summary>Names each benchmark on standard error while it runs, so that standard output holds the tables alone.</summary>
internal sealed class Progress : EventProcessor
{
    public override void OnStartRunBenchmark(BenchmarkCase benchmarkCase) => Console.Error.WriteLine(benchmarkCase.DisplayInfo);
}
