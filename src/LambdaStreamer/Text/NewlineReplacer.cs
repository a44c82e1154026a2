namespace LambdaStreamer.Text;

/// <summary>
/// Writes LF for a model's newline marker, also where tokens cut the marker, and holds back what may be the start of one.
/// </summary>
/// <remarks>
/// Work per byte: one vectorised search for the marker's first byte; text that has it is copied once at most.
/// </remarks>
internal sealed class NewlineReplacer(ModelMarkup markup) : IDisposable
{
    private readonly ByteBuffer _replaced = new();

    /// <summary>How many bytes of the marker the text so far ends in; what they are, the marker says.</summary>
    public int HeldLength { get; private set; }

    public bool HasReplaced { get; private set; }

    /// <summary>
    /// What of the held text and <paramref name="text"/> is decided; all of it if no more text comes (<paramref name="isFinal"/>). Valid
    /// until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> text, bool isFinal)
    {
        var marker = markup.Newline;
        if (HeldLength == 0)
        {
            if (!text.Contains(marker[0]))
            {
                return text;
            }

            if (text.IndexOf(marker) < 0)
            {
                HeldLength = isFinal ? 0 : TailLength(text, marker);
                return text[..^HeldLength];
            }
        }

        _replaced.Clear();
        _replaced.Append(marker[..HeldLength]);
        _replaced.Append(text);
        return Replace(_replaced.UnreadForUpdate, marker, isFinal);
    }

    public void Dispose() => _replaced.Dispose();

    /// <summary>In place: LF is never longer than the marker.</summary>
    private ReadOnlySpan<byte> Replace(Span<byte> text, ReadOnlySpan<byte> marker, bool isFinal)
    {
        var unread = text;
        var written = 0;
        for (var found = unread.IndexOf(marker); found >= 0; found = unread.IndexOf(marker))
        {
            unread[..found].CopyTo(text[written..]);
            written += found;
            text[written] = (byte)'\n';
            written++;
            unread = unread[(found + marker.Length)..];
            HasReplaced = true;
        }

        HeldLength = isFinal ? 0 : TailLength(unread, marker);
        unread[..^HeldLength].CopyTo(text[written..]);
        return text[..(written + unread.Length - HeldLength)];
    }

    /// <summary>The length of the longest suffix of the text that is a proper prefix of the marker.</summary>
    private static int TailLength(ReadOnlySpan<byte> text, ReadOnlySpan<byte> marker)
    {
        var length = Math.Min(marker.Length - 1, text.Length);
        while (!text.EndsWith(marker[..length]))
        {
            length--;
        }

        return length;
    }
}
