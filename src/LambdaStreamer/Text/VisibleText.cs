namespace LambdaStreamer.Text;

/// <summary>
/// Stands between the tokens of one answer and the reader: takes each token's text and gives what may be shown of it at once, with the
/// model's newline marker written as LF and nothing from the first stop sequence on. Special tokens are the caller's to leave out. Owns the
/// copies of text that were needed; not thread-safe.
/// </summary>
/// <remarks>
/// The marker is replaced first, so a stop sequence meets LF and never the marker. Held back is the longest suffix of the text so far that
/// is a proper prefix of a stop sequence, and behind it what may yet become a newline marker; never more and never less. As a stop sequence
/// begins with a character, whole characters in give whole characters out. With neither stop sequences nor a marker, text passes
/// through uncopied.
/// </remarks>
public sealed class VisibleText(ModelMarkup markup, StopSequences stops) : IDisposable
{
    private readonly NewlineReplacer? _newlines = markup.Newline.IsEmpty ? null : new NewlineReplacer(markup);
    private readonly StopMatcher? _stops = stops.IsEmpty ? null : new StopMatcher(stops);

    /// <summary>A stop sequence was completed: the answer has ended, whatever else the container sends.</summary>
    public bool IsStopped => _stops is { IsStopped: true };

    /// <summary>Bytes taken but neither shown nor cut; a replaced marker counts as the one byte it became.</summary>
    public int HeldLength => IsStopped ? 0 : (_newlines?.HeldLength ?? 0) + (_stops?.HeldLength ?? 0);

    /// <summary>
    /// Something was replaced or cut: the container's own <c>generated_text</c> is not what was shown. Held text does not count.
    /// </summary>
    public bool Altered => IsStopped || _newlines is { HasReplaced: true };

    /// <summary>
    /// What may be shown once <paramref name="text"/> (UTF-8, unescaped) is added; empty after a stop. Valid until the next call and while
    /// <paramref name="text"/> is: where nothing was held or replaced it is a part of it.
    /// </summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> text) => Show(text, isFinal: false);

    /// <summary>
    /// The held rest, which no further text can change: to be called once and last, when the answer is complete and also when it broke.
    /// </summary>
    public ReadOnlySpan<byte> End() => Show(default, isFinal: true);

    public void Dispose()
    {
        _newlines?.Dispose();
        _stops?.Dispose();
    }

    private ReadOnlySpan<byte> Show(ReadOnlySpan<byte> text, bool isFinal)
    {
        if (IsStopped)
        {
            return default;
        }

        if (_newlines is not null)
        {
            text = _newlines.Take(text, isFinal);
        }

        return _stops is null ? text : _stops.Take(text, isFinal);
    }
}
