namespace LambdaStreamer.Tests.Stress;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every version of the platform, so that an input can be made again from two
/// numbers.
/// </summary>
internal struct FuzzRandom(ulong seed, long input)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed) + ((ulong)input * Gamma);

    /// <summary>From 0 to <paramref name="limit"/> - 1.</summary>
    public int Below(int limit) => (int)((Next() >> 32) * (uint)limit >> 32);

    public bool OneIn(int chances) => Below(chances) == 0;

    public ulong Next() => Mix(_state += Gamma);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
