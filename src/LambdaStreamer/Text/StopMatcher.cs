using System.Diagnostics;

namespace LambdaStreamer.Text;

/// <summary>
/// Looks for stop sequences in one answer's text as it comes, and holds back what may be the start of one. The answer ends where the first
/// stop sequence is completed; of those completed by the same byte the one that began first counts, and the text is cut before it. TGI
/// compares at the end of a token only, so the answer may end here while the container goes on.
/// </summary>
/// <remarks>
/// Invariant: <c>_matched[i]</c> is the length of the longest suffix of the text so far that is a prefix of sequence <c>i</c>. The longest
/// of them is what is held back; being a prefix of a sequence, it is never copied.
/// Work per byte: while nothing is held, one vectorised search for the sequences' first bytes passes over text that cannot match. Any
/// other byte costs at most two comparisons a sequence, amortised over the text, so 32 with the 16 that are allowed.
/// </remarks>
internal sealed class StopMatcher(StopSequences stops) : IDisposable
{
    private readonly int[] _matched = new int[stops.Sequences.Length];
    private readonly ByteBuffer _shown = new();
    private StopSequence _heldBy = stops.Sequences[0];

    public int HeldLength { get; private set; }

    public bool IsStopped { get; private set; }

    /// <summary>
    /// What of the held text and <paramref name="text"/> may be shown; all of it up to a stop if no more text comes
    /// (<paramref name="isFinal"/>). Valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> text, bool isFinal)
    {
        Debug.Assert(!IsStopped);
        var held = _heldBy.Bytes[..HeldLength];
        var position = 0;
        while (position < text.Length)
        {
            if (HeldLength == 0)
            {
                var candidate = text[position..].IndexOfAny(stops.FirstBytes);
                if (candidate < 0)
                {
                    break;
                }

                position += candidate;
            }

            var completedLength = Advance(text[position]);
            position++;
            if (completedLength > 0)
            {
                IsStopped = true;
                HeldLength = 0;
                return Join(held, text, held.Length + position - completedLength);
            }
        }

        if (isFinal)
        {
            HeldLength = 0;
            Array.Clear(_matched);
        }

        return Join(held, text, held.Length + text.Length - HeldLength);
    }

    public void Dispose() => _shown.Dispose();

    /// <summary>The length of the longest sequence that <paramref name="next"/> completes; 0 if it completes none.</summary>
    private int Advance(byte next)
    {
        var completedLength = 0;
        HeldLength = 0;
        var sequences = stops.Sequences;
        for (var i = 0; i < sequences.Length; i++)
        {
            var sequence = sequences[i];
            var matched = sequence.Advance(_matched[i], next);
            _matched[i] = matched;
            if (matched == sequence.Bytes.Length)
            {
                completedLength = Math.Max(completedLength, matched);
            }
            else if (matched > HeldLength)
            {
                HeldLength = matched;
                _heldBy = sequence;
            }
        }

        return completedLength;
    }

    /// <summary>The first <paramref name="length"/> bytes of both, copied only where they meet.</summary>
    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> held, ReadOnlySpan<byte> text, int length)
    {
        if (held.IsEmpty)
        {
            return text[..length];
        }

        if (length <= held.Length)
        {
            return held[..length];
        }

        _shown.Clear();
        _shown.Append(held);
        _shown.Append(text[..(length - held.Length)]);
        return _shown.Unread;
    }
}
