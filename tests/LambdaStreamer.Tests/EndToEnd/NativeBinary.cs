namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>
/// The published function. <c>tests/run</c> publishes it to <c>artifacts/function</c> and names it in <c>LAMBDASTREAMER_BOOTSTRAP</c>.
/// </summary>
internal static class NativeBinary
{
    private const string Variable = "LAMBDASTREAMER_BOOTSTRAP";

    public static string Path
    {
        get
        {
            var path = Environment.GetEnvironmentVariable(Variable);
            Assert.SkipUnless(path is not null, $"{Variable} does not name the published function; tests/run publishes it.");
            Assert.True(File.Exists(path), $"{Variable} names {path}, which is not there.");
            return path;
        }
    }
}
