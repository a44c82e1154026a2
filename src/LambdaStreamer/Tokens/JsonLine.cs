using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// One line's JSON, read once from front to back. Objects and arrays must be read to their end or skipped, scalars need nothing.
/// </summary>
/// <remarks>
/// A string with escapes is unescaped to the place in the scratch space where it stands in the line: unescaping never lengthens, so no two
/// strings meet, no span moves, and reading a piece of the line again (<see cref="Raw"/>) gives the same bytes at the same place.
/// </remarks>
internal ref struct JsonLine
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly Span<byte> _unescaped;
    private Utf8JsonReader _reader;

    /// <param name="json">One value and nothing else.</param>
    /// <param name="unescaped">Scratch space, at least as long as <paramref name="json"/>.</param>
    public JsonLine(ReadOnlySpan<byte> json, Span<byte> unescaped)
    {
        _json = json;
        _unescaped = unescaped;
        _reader = new Utf8JsonReader(json);
    }

    public readonly JsonTokenType Type => _reader.TokenType;

    /// <exception cref="JsonException">Not JSON, nested too deep, or something follows the value.</exception>
    public bool Read() => _reader.Read();

    /// <summary>Steps onto the next member's value; false at the end of the object.</summary>
    public bool ReadMember(out ReadOnlySpan<byte> name)
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.PropertyName)
        {
            name = default;
            return false;
        }

        name = Unescaped();
        _reader.Read();
        return true;
    }

    /// <summary>Steps onto the next element; false at the end of the array.</summary>
    public bool ReadElement() => _reader.Read() && _reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Steps over the current value, which may be one that needs nothing.</summary>
    public void Skip()
    {
        if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _reader.Skip();
        }
    }

    /// <summary>Reads to the end, so that what follows the value is found.</summary>
    public void ReadToEnd()
    {
        while (_reader.Read())
        {
        }
    }

    /// <summary>The string, empty for null.</summary>
    /// <exception cref="InvalidOperationException">Another type, or half a surrogate pair.</exception>
    public ReadOnlySpan<byte> Text()
    {
        if (_reader.TokenType == JsonTokenType.String)
        {
            return Unescaped();
        }

        Expect(JsonTokenType.Null);
        return default;
    }

    /// <summary>The strings of an array as one text.</summary>
    /// <exception cref="InvalidOperationException">An element is no string.</exception>
    public ReadOnlySpan<byte> JoinedTexts(out int count)
    {
        var start = Start;
        var length = 0;
        ReadOnlySpan<byte> text = default;
        for (count = 0; ReadElement(); count++)
        {
            // The joined text ends before the next string starts in the line, so it overwrites none that is still to be read.
            text = Text();
            text.CopyTo(_unescaped[(start + length)..]);
            length += text.Length;
        }

        return count == 1 ? text : _unescaped.Slice(start, length);
    }

    /// <summary>The number as it is written; empty for anything else (null stands for NaN).</summary>
    public ReadOnlySpan<byte> Number()
    {
        if (_reader.TokenType == JsonTokenType.Number)
        {
            return _reader.ValueSpan;
        }

        Skip();
        return default;
    }

    /// <exception cref="InvalidOperationException">Neither number nor null.</exception>
    /// <exception cref="FormatException">No whole number, or out of range.</exception>
    public readonly int? Int32() => _reader.TokenType == JsonTokenType.Null ? null : _reader.GetInt32();

    /// <inheritdoc cref="Int32"/>
    public readonly long? Int64() => _reader.TokenType == JsonTokenType.Null ? null : _reader.GetInt64();

    /// <summary>Null for anything but a whole number in range.</summary>
    public readonly ulong? UInt64OrNull() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out var value) ? value : null;

    /// <inheritdoc cref="UInt64OrNull"/>
    public readonly int? Int32OrNull() =>
        _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var value) ? value : null;

    /// <summary>
    /// The value as it is written, and skips it; empty for null. <paramref name="unescaped"/> is its own part of the scratch space.
    /// </summary>
    public ReadOnlySpan<byte> Raw(out Span<byte> unescaped)
    {
        var start = Start;
        _reader.Skip();
        var end = (int)_reader.BytesConsumed;
        var isNull = _reader.TokenType == JsonTokenType.Null;
        unescaped = isNull ? default : _unescaped[start..end];
        return isNull ? default : _json[start..end];
    }

    /// <summary>Where the current value starts in the line.</summary>
    public readonly int Start => (int)_reader.TokenStartIndex;

    /// <summary>The line from <paramref name="start"/> up to the end of the current value.</summary>
    public readonly ReadOnlySpan<byte> RawFrom(int start) => _json[start..(int)_reader.BytesConsumed];

    /// <summary>Unescapes a string of this line that was taken as it is written.</summary>
    public readonly ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> raw)
    {
        _json.Overlaps(raw, out var start);
        var line = new JsonLine(_json.Slice(start, raw.Length), _unescaped.Slice(start, raw.Length));
        line.Read();
        return line.Text();
    }

    /// <exception cref="InvalidOperationException">The current value is of another type.</exception>
    public readonly void Expect(JsonTokenType type)
    {
        if (_reader.TokenType != type)
        {
            Throw(type);
        }

        static void Throw(JsonTokenType type) => throw new InvalidOperationException($"{type} was expected.");
    }

    private readonly ReadOnlySpan<byte> Unescaped()
    {
        if (!_reader.ValueIsEscaped)
        {
            return _reader.ValueSpan;
        }

        var target = _unescaped[(int)_reader.TokenStartIndex..];
        return target[.._reader.CopyString(target)];
    }
}
