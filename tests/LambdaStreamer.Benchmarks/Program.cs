using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using LambdaStreamer.Benchmarks;
using Perfolizer.Horology;

// A whole relay of real processes, for which BenchmarkDotNet has no shape.
if (args is ["paced", .. var variants])
{
    return await PacedRelay.RunAsync(variants).ConfigureAwait(false);
}

// What a refusal costs, and whether its time tells anything of a key.
if (args is ["refusals", var bootstrap])
{
    return await Refusals.RunAsync(bootstrap).ConfigureAwait(false);
}

if (args is ["keys"])
{
    return KeyTiming.Run();
}

// With other arguments: BenchmarkDotNet as its own documentation describes it, such as --filter '*Lines*' --job medium.
if (args.Length > 0)
{
    return ExitCode(BenchmarkSwitcher.FromAssembly(typeof(LineBenchmarks).Assembly).Run(args));
}

// Without: every benchmark for a moment each, and nothing printed but one table a class. Unless the JIT counts calls from the start,
// AWSSDK.Core and the serializer run unoptimized for the whole moment and seem four times as slow as they are.
var moment = Job.Default
    .WithWarmupCount(25)
    .WithIterationCount(15)
    .WithIterationTime(TimeInterval.FromMilliseconds(75))
    .WithEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "0")
    .WithId("Moment");
var config = ManualConfig.CreateEmpty()
    .AddJob(moment)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddColumn(StatisticColumn.Min, StatisticColumn.Median)
    .HideColumns("Job", "Mean", "Error", "StdDev", "RatioSD", "Alloc Ratio", "Gen0", "Gen1", "EnvironmentVariables")
    .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Nanosecond))
    .AddLogger(NullLogger.Instance)
    .AddEventProcessor(new Progress())
    .WithOptions(ConfigOptions.DisableLogFile);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(LineBenchmarks).Assembly).RunAll(config).ToArray();
foreach (var summary in summaries)
{
    MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Ascii);
}

return ExitCode(summaries);

static int ExitCode(IEnumerable<Summary> summaries) =>
    summaries.All(static summary => !summary.HasCriticalValidationErrors && summary.Reports.All(static report => report.Success)) ? 0 : 1;
