using System.Diagnostics;

namespace LambdaStreamer.EventStream;

/// <summary>Walks the headers of a <see cref="Frame"/> in the order sent: <c>foreach (var header in frame.Headers)</c>.</summary>
/// <remarks>The decoder has walked them before it hands a frame out, so nothing here can be malformed.</remarks>
public ref struct HeaderEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal HeaderEnumerator(ReadOnlySpan<byte> headers)
    {
        _rest = headers;
        Current = default;
    }

    public Header Current { get; private set; }

    public readonly HeaderEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var error = Header.Read(_rest, out var header, out var length);
        Debug.Assert(error == FrameError.None, "a frame with malformed headers was handed out");
        Current = header;
        _rest = _rest[length..];
        return true;
    }
}
