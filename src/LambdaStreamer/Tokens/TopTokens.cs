using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// The likeliest tokens at a position, over the JSON the container wrote: TGI's <c>top_tokens</c>
/// <c>[{"id","text","logprob","special"}]</c>, chat's <c>top_logprobs</c> <c>[{"token","logprob","bytes"}]</c>, completions'
/// <c>top_logprobs</c> <c>{"text": logprob}</c>. Valid until the next line is read; may be enumerated again and allocates nothing.
/// </summary>
public readonly ref struct TopTokens
{
    private readonly Span<byte> _unescaped;

    private TopTokens(ReadOnlySpan<byte> json, Span<byte> unescaped)
    {
        Json = json;
        _unescaped = unescaped;
    }

    public bool IsEmpty => Json.IsEmpty;

    /// <summary>As the container wrote it.</summary>
    internal ReadOnlySpan<byte> Json { get; }

    public Enumerator GetEnumerator() => new(Json, _unescaped);

    /// <summary>The line's current value; empty for null, for a value of none of the three forms, and where there are none.</summary>
    internal static TopTokens Read(scoped ref JsonLine line)
    {
        if (line.Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return default;
        }

        var json = line.Raw(out var unescaped);
        var tokens = new TopTokens(json, unescaped);

        // Walked once, so that whoever enumerates it later meets no surprise.
        var isEmpty = true;
        try
        {
            foreach (var _ in tokens)
            {
                isEmpty = false;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // They only accompany the text, which must not be lost for them.
            return default;
        }

        return isEmpty ? default : tokens;
    }

    public ref struct Enumerator
    {
        private readonly bool _isDictionary;
        private readonly bool _isEmpty;
        private JsonLine _line;

        internal Enumerator(ReadOnlySpan<byte> json, Span<byte> unescaped)
        {
            _isEmpty = json.IsEmpty;
            if (_isEmpty)
            {
                return;
            }

            _line = new JsonLine(json, unescaped);
            _line.Read();
            _isDictionary = _line.Type == JsonTokenType.StartObject;
        }

        public TopToken Current { get; private set; }

        public bool MoveNext()
        {
            if (_isEmpty)
            {
                return false;
            }

            if (_isDictionary)
            {
                var isRead = _line.ReadMember(out var text);
                Current = isRead ? new TopToken { Text = text, Logprob = _line.Number() } : default;
                return isRead;
            }

            if (!_line.ReadElement())
            {
                return false;
            }

            ReadToken();
            return true;
        }

        private void ReadToken()
        {
            _line.Expect(JsonTokenType.StartObject);
            long? id = null;
            ReadOnlySpan<byte> text = default;
            ReadOnlySpan<byte> logprob = default;
            var isSpecial = false;
            while (_line.ReadMember(out var name))
            {
                if (name.SequenceEqual("text"u8) || name.SequenceEqual("token"u8))
                {
                    text = _line.Text();
                }
                else if (name.SequenceEqual("id"u8))
                {
                    id = _line.Int64();
                }
                else if (name.SequenceEqual("logprob"u8) || name.SequenceEqual("log_prob"u8))
                {
                    logprob = _line.Number();
                }
                else if (name.SequenceEqual("special"u8))
                {
                    isSpecial = _line.Type == JsonTokenType.True;
                    _line.Skip();
                }
                else
                {
                    _line.Skip();
                }
            }

            Current = new TopToken { Id = id, Text = text, Logprob = logprob, IsSpecial = isSpecial };
        }
    }
}
