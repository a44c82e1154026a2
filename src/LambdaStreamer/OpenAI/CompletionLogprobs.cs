using System.Text.Json;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// Completions' form, a column a member: <c>{"tokens", "token_logprobs", "top_logprobs"?, "text_offset"}</c>. Offsets count the answer's
/// characters (code points); <c>top_logprobs</c> is there only if some were asked for.
/// </summary>
internal sealed class CompletionLogprobs(AnswerHead head) : LogprobList(head)
{
    private readonly ByteBuffer _tokens = new();
    private readonly ByteBuffer _logprobs = new();
    private readonly ByteBuffer _tops = new();
    private readonly ByteBuffer _offsets = new();
    private readonly TokenJson _valueJson = new();
    private readonly bool _hasTops = head.TopLogprobs > 0;
    private int _offset;

    public override int HeldLength => base.HeldLength + _tokens.Length + _logprobs.Length + _tops.Length + _offsets.Length;

    public override void Write(Utf8JsonWriter json)
    {
        if (_tokens.Length == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        WriteColumn(json, "tokens"u8, _tokens);
        WriteColumn(json, "token_logprobs"u8, _logprobs);
        if (_hasTops)
        {
            WriteColumn(json, "top_logprobs"u8, _tops);
        }

        WriteColumn(json, "text_offset"u8, _offsets);
        json.WriteEndObject();
    }

    public override void Dispose()
    {
        base.Dispose();
        _tokens.Dispose();
        _logprobs.Dispose();
        _tops.Dispose();
        _offsets.Dispose();
        _valueJson.Dispose();
    }

    protected override void Tell(ReadOnlySpan<byte> text, ReadOnlySpan<byte> logprob, ReadOnlySpan<byte> top)
    {
        if (!logprob.IsEmpty)
        {
            var json = BeginValue(_tokens);
            json.WriteStringValue(text);
            json.Flush();
            BeginValue(_logprobs);
            _logprobs.Append(logprob);
            BeginValue(_tops);
            _tops.Append(top);
            json = BeginValue(_offsets);
            json.WriteNumberValue(_offset);
            json.Flush();
        }

        foreach (var single in text)
        {
            // All but a code point's first byte are 10xxxxxx.
            _offset += (single & 0xC0) == 0x80 ? 0 : 1;
        }
    }

    protected override void WriteTop(Utf8JsonWriter json, TopTokens tokens, int count)
    {
        json.WriteStartObject();
        foreach (var token in tokens)
        {
            if (count-- > 0 && !token.Logprob.IsEmpty)
            {
                json.WritePropertyName(token.Text);
                json.WriteRawValue(token.Logprob, skipInputValidation: true);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteColumn(Utf8JsonWriter json, ReadOnlySpan<byte> name, ByteBuffer values)
    {
        values.Append("]"u8);
        json.WritePropertyName(name);
        json.WriteRawValue(values.Unread, skipInputValidation: true);
        values.Clear();
    }

    private Utf8JsonWriter BeginValue(ByteBuffer column)
    {
        column.Append(column.Length == 0 ? "["u8 : ","u8);
        return _valueJson.Begin(column);
    }
}
