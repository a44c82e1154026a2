using System.Globalization;
using FsCheck;

namespace LambdaStreamer.Tests;

/// <summary>
/// How many cases a property is tried with: 10,000, or as many as <c>LAMBDASTREAMER_PROPERTY_CASES</c> says if that is more.
/// </summary>
internal static class Cases
{
    private const int Least = 10_000;

    public static int Count { get; } = Math.Max(Least, Wanted());

    public static Config Config => Config.QuickThrowOnFailure.WithMaxTest(Count);

    private static int Wanted()
    {
        var cases = Environment.GetEnvironmentVariable("LAMBDASTREAMER_PROPERTY_CASES");
        return int.TryParse(cases, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
    }
}
