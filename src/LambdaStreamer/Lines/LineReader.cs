using System.Buffers;

namespace LambdaStreamer.Lines;

/// <summary>
/// Splits a byte stream that arrives in arbitrary parts into lines. Owns the bytes of a line that spans parts; a line that lies
/// within one part is handed out where it is, uncopied. Knows nothing of characters: a line is whole bytes, so UTF-8 is never cut.
/// </summary>
/// <remarks>
/// Line ends are LF, CRLF and CR (WHATWG HTML, "Parsing an event stream": <c>end-of-line = ( cr lf / cr / lf )</c>).
/// Invariant: the carry holds the beginning of one line and no line end. Only new bytes are searched, so a line that arrives one byte at
/// a time costs as much as one that arrives whole.
/// </remarks>
public sealed class LineReader : IDisposable
{
    /// <summary>
    /// 4 MiB. A container's last line repeats the whole generated text: 128k tokens of five bytes, every byte escaped in JSON, stay below
    /// it.
    /// </summary>
    public const int DefaultMaxLineLength = 4 * 1024 * 1024;

    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    private readonly ByteBuffer _carry = new();
    private readonly int _maxLineLength;
    private bool _carryHandedOut;
    private bool _skipLineFeed;
    private bool _tooLong;

    public LineReader(int maxLineLength = DefaultMaxLineLength) => _maxLineLength = maxLineLength;

    /// <summary>
    /// Takes the next line out of <paramref name="source"/> and moves <paramref name="source"/> behind its end.
    /// <c>Done</c>: <paramref name="line"/> holds it without its line end, valid until the next call or until the part's bytes change.
    /// <c>NeedMoreData</c>: the source is used up. <c>InvalidData</c>: the line is longer than the cap; the stream cannot be read on.
    /// </summary>
    public OperationStatus Read(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (source.IsEmpty)
        {
            return _tooLong ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        }

        if (_carryHandedOut)
        {
            _carry.Clear();
            _carryHandedOut = false;
        }

        if (_skipLineFeed)
        {
            // A CR ends its line at once: waiting for the LF that may follow would hold the line back until the next part.
            _skipLineFeed = false;
            if (source[0] == LineFeed)
            {
                source = source[1..];
            }
        }

        // Every second line of an event stream is blank: one comparison spares it the vector search (LineBenchmarks).
        var lineLength = source is [LineFeed or CarriageReturn, ..] ? 0 : source.IndexOfAny(CarriageReturn, LineFeed);
        var ended = lineLength >= 0;
        if (!ended)
        {
            lineLength = source.Length;
        }

        if (_tooLong || lineLength > _maxLineLength - _carry.Length)
        {
            _tooLong = true;
            return OperationStatus.InvalidData;
        }

        if (!ended)
        {
            if (lineLength > 0)
            {
                _carry.Append(source);
                source = default;
            }

            return OperationStatus.NeedMoreData;
        }

        _skipLineFeed = source[lineLength] == CarriageReturn;
        if (_carry.Length == 0)
        {
            line = source[..lineLength];
        }
        else
        {
            _carry.Append(source[..lineLength]);
            _carryHandedOut = true;
            line = _carry.Unread;
        }

        source = source[(lineLength + 1)..];
        return OperationStatus.Done;
    }

    /// <summary>After the last part: what is left without a line end. False when nothing is.</summary>
    public bool TryReadLast(out ReadOnlySpan<byte> line)
    {
        line = _carryHandedOut || _tooLong ? default : _carry.Unread;
        _carryHandedOut = true;
        return !line.IsEmpty;
    }

    public void Dispose() => _carry.Dispose();
}
