using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LambdaStreamer.Access;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// <c>keys</c>: 100,000 wrong keys that share from none to all but one character with the right one, in random order. Prints the slope of
/// the time over the length of the right prefix, with its standard error: what somebody who guesses a key letter by letter would measure.
/// </summary>
internal static class KeyTiming
{
    private const int Tries = 100_000;
    private const int WarmUps = 20_000;

    public static int Run()
    {
        const string Key = "lsk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
        var keys = new ApiKeys([new ApiKey { Name = "one", Hash = SHA256.HashData(Encoding.UTF8.GetBytes(Key)) }]);
        var random = new Random(20261129);
        var times = new double[Tries];
        var lengths = new double[Tries];
        for (var at = -WarmUps; at < Tries; at++)
        {
            var length = random.Next(Key.Length);
            var shown = $"{Key[..length]}{new string('#', Key.Length - length)}";
            var began = Stopwatch.GetTimestamp();
            var found = keys.Find(shown);
            var time = Stopwatch.GetElapsedTime(began).TotalNanoseconds;
            if (found is not null)
            {
                return 1;
            }

            if (at >= 0)
            {
                (times[at], lengths[at]) = (time, length);
            }
        }

        // Interrupts and collections are no part of the comparison: the slowest hundredth is left out, whatever its prefix.
        var limit = times.Order().ElementAt(Tries * 99 / 100);
        var kept = lengths.Zip(times).Where(pair => pair.Second <= limit).ToArray();
        var meanLength = kept.Average(static pair => pair.First);
        var meanTime = kept.Average(static pair => pair.Second);
        var variance = kept.Sum(pair => (pair.First - meanLength) * (pair.First - meanLength));
        var slope = kept.Sum(pair => (pair.First - meanLength) * (pair.Second - meanTime)) / variance;
        var residual = kept.Sum(pair => Math.Pow(pair.Second - meanTime - (slope * (pair.First - meanLength)), 2));
        var error = Math.Sqrt(residual / (kept.Length - 2) / variance);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kept.Length} tries, mean {meanTime:F1} ns; slope {slope:F4} ns a right character, standard error {error:F4}, t = {slope / error:F2}"));
        return 0;
    }
}
