namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>
/// Everything that functions printed during this run, in the file that <c>LAMBDASTREAMER_RUN_LOG</c> names; <c>tests/run</c> looks through
/// it for what no log may hold.
/// </summary>
internal static class RunLog
{
    private static readonly TextWriter? Writer = Environment.GetEnvironmentVariable("LAMBDASTREAMER_RUN_LOG") is { Length: > 0 } path
        ? TextWriter.Synchronized(new StreamWriter(path, append: true) { AutoFlush = true })
        : null;

    public static void Append(string line) => Writer?.WriteLine(line);
}
