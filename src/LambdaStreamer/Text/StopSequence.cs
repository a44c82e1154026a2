namespace LambdaStreamer.Text;

/// <summary>
/// One stop sequence and how far a text has come in it: the automaton of Knuth, Morris and Pratt, whose state is a length. Immutable; the
/// state is the caller's.
/// </summary>
internal sealed class StopSequence
{
    private readonly byte[] _bytes;

    // _borders[k]: the length of the longest proper prefix of _bytes[..(k + 1)] that is also its suffix, which is what is left of a match
    // when the next byte differs.
    private readonly short[] _borders;

    /// <param name="bytes">UTF-8, at least one byte, at most <see cref="short.MaxValue"/>.</param>
    public StopSequence(byte[] bytes)
    {
        _bytes = bytes;
        _borders = new short[bytes.Length];
        for (var end = 1; end < bytes.Length; end++)
        {
            _borders[end] = (short)Advance(_borders[end - 1], bytes[end]);
        }
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>
    /// The length of the longest prefix of this sequence that the text ends in once <paramref name="next"/> is added, given that
    /// <paramref name="matched"/>, less than the whole, was that length before.
    /// </summary>
    public int Advance(int matched, byte next)
    {
        while (_bytes[matched] != next)
        {
            if (matched == 0)
            {
                return 0;
            }

            matched = _borders[matched - 1];
        }

        return matched + 1;
    }
}
