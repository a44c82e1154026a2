using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// The pieces of tool calls in one chunk, over the JSON the container wrote: <c>[{"index","id","function": {"name","arguments"}}]</c>, one
/// such object by itself (TGI up to 3.1), or OpenAI's older <c>function_call</c> <c>{"name","arguments"}</c>. Valid until the next line is
/// read; may be enumerated again and allocates nothing.
/// </summary>
public readonly ref struct ToolCalls
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly Span<byte> _unescaped;

    private ToolCalls(ReadOnlySpan<byte> json, Span<byte> unescaped)
    {
        _json = json;
        _unescaped = unescaped;
    }

    public bool IsEmpty => _json.IsEmpty;

    public Enumerator GetEnumerator() => new(_json, _unescaped);

    /// <summary>The line's current value; empty for null and where there are none (vLLM sends <c>[]</c>).</summary>
    /// <exception cref="InvalidOperationException">It is none of the three forms.</exception>
    internal static ToolCalls Read(scoped ref JsonLine line)
    {
        var json = line.Raw(out var unescaped);
        var calls = new ToolCalls(json, unescaped);

        // Walked once, so that whoever enumerates it later meets no surprise.
        var isEmpty = true;
        foreach (var _ in calls)
        {
            isEmpty = false;
        }

        return isEmpty ? default : calls;
    }

    public ref struct Enumerator
    {
        private readonly bool _isArray;
        private JsonLine _line;
        private int _position = -1;
        private bool _isAtEnd;

        internal Enumerator(ReadOnlySpan<byte> json, Span<byte> unescaped)
        {
            _isAtEnd = json.IsEmpty;
            if (_isAtEnd)
            {
                return;
            }

            _line = new JsonLine(json, unescaped);
            _line.Read();
            _isArray = _line.Type == JsonTokenType.StartArray;
        }

        public ToolCallPiece Current { get; private set; }

        public bool MoveNext()
        {
            if (_isAtEnd || (_isArray && !_line.ReadElement()))
            {
                return false;
            }

            _isAtEnd = !_isArray;
            _position++;
            ReadPiece();
            return true;
        }

        private void ReadPiece()
        {
            _line.Expect(JsonTokenType.StartObject);
            var index = _position;
            ReadOnlySpan<byte> id = default;
            ReadOnlySpan<byte> functionName = default;
            ReadOnlySpan<byte> arguments = default;
            while (_line.ReadMember(out var name))
            {
                if (name.SequenceEqual("index"u8))
                {
                    index = _line.Int32() ?? _position;
                }
                else if (name.SequenceEqual("id"u8))
                {
                    id = TextOrRaw();
                }
                else if (name.SequenceEqual("function"u8) && _line.Type == JsonTokenType.StartObject)
                {
                    while (_line.ReadMember(out var member))
                    {
                        ReadFunctionMember(member, ref functionName, ref arguments);
                    }
                }
                else
                {
                    ReadFunctionMember(name, ref functionName, ref arguments);
                }
            }

            Current = new ToolCallPiece { Index = index, Id = id, Name = functionName, Arguments = arguments };
        }

        private void ReadFunctionMember(
            scoped ReadOnlySpan<byte> name, scoped ref ReadOnlySpan<byte> functionName, scoped ref ReadOnlySpan<byte> arguments)
        {
            if (name.SequenceEqual("name"u8))
            {
                functionName = _line.Text();
            }
            else if (name.SequenceEqual("arguments"u8))
            {
                // TGI's whole answers hold the arguments as an object.
                arguments = TextOrRaw();
            }
            else
            {
                _line.Skip();
            }
        }

        private ReadOnlySpan<byte> TextOrRaw() =>
            _line.Type == JsonTokenType.String ? _line.Text() : _line.Raw(out _);
    }
}
