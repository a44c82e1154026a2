using System.Buffers;
using System.Globalization;
using System.Text;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Decodes a chunked body (RFC 9112 7.1) cut anywhere, and keeps what a test wants to know of its framing. Payload bytes are appended as
/// they come, without waiting for the end of their chunk. Ends with the CRLF after the trailer section, never before.
/// </summary>
internal sealed class ChunkedBody
{
    /// <summary>Chunk sizes beyond this many are counted, not kept.</summary>
    public const int MaxKeptSizes = 65_536;

    /// <summary>An error body travels in a trailer, base64: room for a megabyte of it.</summary>
    public const int MaxTrailerBytes = 1_500_000;

    public const int MaxTrailers = 64;

    private const int MaxSizeLineBytes = 256;

    private readonly List<int> _sizes = [];
    private readonly List<HeaderField> _trailers = [];
    private readonly ArrayBufferWriter<byte> _line = new(64);
    private Part _part = Part.SizeLine;
    private int _left;
    private int _trailerBytes;

    private enum Part
    {
        SizeLine,
        Data,
        DataEnd,
        Trailers,
        End,
    }

    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Chunks begun, the empty last one not counted.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<HeaderField> Trailers => _trailers;

    /// <summary>Says what was wrong after InvalidData.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>
    /// Done: the body ended, <paramref name="consumed"/> says where. NeedMoreData: all of <paramref name="source"/> was taken.
    /// </summary>
    public OperationStatus Decode(ReadOnlySpan<byte> source, IBufferWriter<byte> payload, out int consumed)
    {
        consumed = 0;
        while (_part != Part.End)
        {
            var rest = source[consumed..];
            if (rest.IsEmpty)
            {
                return OperationStatus.NeedMoreData;
            }

            if (_part == Part.Data)
            {
                var taken = Math.Min(rest.Length, _left);
                payload.Write(rest[..taken]);
                consumed += taken;
                _left -= taken;
                _part = _left == 0 ? Part.DataEnd : Part.Data;
                continue;
            }

            if (!TakeLine(rest, out var line, out var lineConsumed))
            {
                consumed += lineConsumed;
                if (Problem.Length > 0)
                {
                    return OperationStatus.InvalidData;
                }

                continue;
            }

            consumed += lineConsumed;
            Problem = Interpret(line) ?? "";
            _line.ResetWrittenCount();
            if (Problem.Length > 0)
            {
                return OperationStatus.InvalidData;
            }
        }

        return OperationStatus.Done;
    }

    private bool TakeLine(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line, out int consumed)
    {
        var lineFeed = rest.IndexOf((byte)'\n');
        consumed = lineFeed < 0 ? rest.Length : lineFeed + 1;
        _line.Write(rest[..consumed]);
        line = default;
        if (_line.WrittenCount > (_part == Part.Trailers ? MaxTrailerBytes : MaxSizeLineBytes))
        {
            Problem = "line too long";
            return false;
        }

        if (lineFeed < 0)
        {
            return false;
        }

        if (!_line.WrittenSpan.EndsWith("\r\n"u8))
        {
            Problem = "line ends with a bare LF";
            return false;
        }

        line = _line.WrittenSpan[..^2];
        return true;
    }

    private string? Interpret(ReadOnlySpan<byte> line) => _part switch
    {
        Part.SizeLine => BeginChunk(line),
        Part.DataEnd => EndChunk(line),
        _ => AddTrailer(line),
    };

    // chunk = chunk-size [ chunk-ext ] CRLF; extensions are legal and mean nothing here.
    private string? BeginChunk(ReadOnlySpan<byte> line)
    {
        var extension = line.IndexOf((byte)';');
        var digits = extension < 0 ? line : line[..extension].TrimEnd(" \t"u8);
        // Seven digits stay below int.MaxValue and far above any chunk a runtime writes.
        if (digits.Length is 0 or > 7 || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
        {
            return $"chunk size '{Encoding.ASCII.GetString(digits)}' is not 1 to 7 hexadecimal digits";
        }

        if (size == 0)
        {
            _part = Part.Trailers;
            return null;
        }

        Count++;
        if (_sizes.Count < MaxKeptSizes)
        {
            _sizes.Add(size);
        }

        _left = size;
        _part = Part.Data;
        return null;
    }

    private string? EndChunk(ReadOnlySpan<byte> line)
    {
        _part = Part.SizeLine;
        return line.IsEmpty ? null : "chunk data is not followed by CRLF";
    }

    private string? AddTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _part = Part.End;
            return null;
        }

        _trailerBytes += line.Length;
        if (_trailerBytes > MaxTrailerBytes || _trailers.Count == MaxTrailers)
        {
            return "trailer section too long";
        }

        var field = RequestHead.ParseField(line);
        if (field is null)
        {
            return "trailer line is not 'name: value'";
        }

        _trailers.Add(field.Value);
        return null;
    }
}
