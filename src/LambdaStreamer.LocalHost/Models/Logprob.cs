namespace LambdaStreamer.LocalHost.Models;

/// <summary>Log probabilities for texts that no model made: the same for the same seed, position and token.</summary>
internal static class Logprob
{
    /// <summary>Mostly near 0, at times far below, as a model's are; rounded to four digits, never 0.</summary>
    public static float Of(ulong seed, int position, int tokenId)
    {
        // SplitMix64 turns seed, position and token into evenly spread bits.
        var bits = unchecked(seed + ((ulong)(uint)tokenId << 32) + (((ulong)(uint)position + 1) * 0x9e3779b97f4a7c15));
        bits = unchecked((bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9);
        bits = unchecked((bits ^ (bits >> 27)) * 0x94d049bb133111eb);
        var even = ((bits ^ (bits >> 31)) >> 40) / (float)(1 << 24);
        return -MathF.Max(MathF.Round(even * even * even * even * 2.5f, 4), 0.0001f);
    }
}
