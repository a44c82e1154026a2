using System.Numerics;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// Durations by their frequency: 32 bins an octave, so that a value is known to within 1.6 %, and to the microsecond below 64 µs. Takes
/// whatever number of values in 3.5 KB, and allocates nothing for one.
/// </summary>
/// <remarks>
/// Invariant: the bin of <c>v</c> µs is <c>v</c> itself below 64, above it <c>32 × shift + (v >> shift)</c> with the shift that leaves six bits.
/// </remarks>
public sealed class LatencyHistogram
{
    private const int BitsOfBin = 6;
    private const int BinsOfOctave = 1 << (BitsOfBin - 1);

    /// <summary>71 minutes; no wait of an invocation is longer.</summary>
    private const long MaxMicroseconds = uint.MaxValue;

    private readonly uint[] _bins = new uint[((32 - BitsOfBin) * BinsOfOctave) + (2 * BinsOfOctave)];

    public int Count { get; private set; }

    public void Add(TimeSpan value)
    {
        var microseconds = (uint)Math.Clamp(value.Ticks / TimeSpan.TicksPerMicrosecond, 0, MaxMicroseconds);
        var shift = Math.Max(0, 32 - BitOperations.LeadingZeroCount(microseconds) - BitsOfBin);
        _bins[(shift * BinsOfOctave) + (int)(microseconds >> shift)]++;
        Count++;
    }

    /// <summary>The value that a fraction of all is not above; null without values.</summary>
    /// <param name="fraction">0 to 1; 0.5 for the median.</param>
    public TimeSpan? Quantile(double fraction)
    {
        if (Count == 0)
        {
            return null;
        }

        Span<TimeSpan> value = stackalloc TimeSpan[1];
        Read(value, _ => Math.Max(1, (long)Math.Ceiling(fraction * Count)));
        return value[0];
    }

    /// <summary>Values that are distributed as all of them are, in order: every one of few, a sample of many.</summary>
    /// <returns>How many were written.</returns>
    public int Sample(Span<TimeSpan> values)
    {
        var wanted = Math.Min(Count, values.Length);
        Read(values[..wanted], index => 1 + (((2L * index) + 1) * Count / (2 * wanted)));
        return wanted;
    }

    /// <param name="values">Receives one value for each rank.</param>
    /// <param name="rankOf">Ranks from 1, not falling.</param>
    private void Read(Span<TimeSpan> values, Func<int, long> rankOf)
    {
        var bin = -1;
        var seen = 0L;
        for (var index = 0; index < values.Length; index++)
        {
            var rank = Math.Min(rankOf(index), Count);
            while (seen < rank)
            {
                seen += _bins[++bin];
            }

            values[index] = ValueOf(bin);
        }
    }

    /// <summary>A bin's middle.</summary>
    private static TimeSpan ValueOf(int bin)
    {
        var shift = Math.Max(0, (bin / BinsOfOctave) - 1);
        var begin = (long)(bin - (shift * BinsOfOctave)) << shift;
        return TimeSpan.FromTicks((begin * TimeSpan.TicksPerMicrosecond) + ((1L << shift) - 1) * TimeSpan.TicksPerMicrosecond / 2);
    }
}
