using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace LambdaStreamer.Text;

/// <summary>The texts at which one request wants its answer to end. Immutable.</summary>
public sealed class StopSequences
{
    /// <summary>TGI takes 4 unless its MAX_STOP_SEQUENCES says otherwise. Each costs time at every byte that may begin it.</summary>
    public const int MaxCount = 16;

    /// <summary>In bytes of UTF-8. It bounds the text that can be held back.</summary>
    public const int MaxLength = 1024;

    public static readonly StopSequences None = new([]);

    private readonly StopSequence[] _sequences;

    private StopSequences(StopSequence[] sequences)
    {
        _sequences = sequences;
        Span<byte> firstBytes = stackalloc byte[sequences.Length];
        for (var i = 0; i < sequences.Length; i++)
        {
            firstBytes[i] = sequences[i].Bytes[0];
        }

        FirstBytes = SearchValues.Create(firstBytes);
    }

    public bool IsEmpty => _sequences.Length == 0;

    internal ReadOnlySpan<StopSequence> Sequences => _sequences;

    /// <summary>Where none of these bytes stands, no stop sequence begins.</summary>
    internal SearchValues<byte> FirstBytes { get; }

    /// <summary>False: <paramref name="problem"/> says, for the caller, what is wrong, without a word of the text itself.</summary>
    public static bool TryCreate(
        IReadOnlyList<string> stops, [NotNullWhen(true)] out StopSequences? sequences, [NotNullWhen(false)] out string? problem)
    {
        sequences = null;
        problem = null;
        var taken = new List<StopSequence>();
        Span<byte> utf8 = stackalloc byte[MaxLength];
        foreach (var stop in stops)
        {
            if (stop.Length == 0)
            {
                // Ends every text, so TGI would stop after the first token (server/text_generation_server/utils/tokens.py,
                // StopSequenceCriteria: the pattern is `$` alone). Nobody means that.
                continue;
            }

            if (taken.Count == MaxCount)
            {
                problem = $"There are more than {MaxCount} stop sequences.";
                return false;
            }

            switch (Utf8.FromUtf16(stop, utf8, out _, out var length, replaceInvalidSequences: false))
            {
                case OperationStatus.Done:
                    taken.Add(new StopSequence(utf8[..length].ToArray()));
                    break;
                case OperationStatus.DestinationTooSmall:
                    problem = $"A stop sequence is longer than {MaxLength} bytes of UTF-8.";
                    return false;
                default:
                    problem = "A stop sequence is not Unicode text (it has half of a surrogate pair).";
                    return false;
            }
        }

        sequences = taken.Count == 0 ? None : new StopSequences([.. taken]);
        return true;
    }
}
