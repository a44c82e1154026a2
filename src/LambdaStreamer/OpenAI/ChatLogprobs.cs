using System.Text.Json;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>Chat's form: <c>{"content": [{"token", "logprob", "bytes", "top_logprobs"}], "refusal": null}</c>.</summary>
internal sealed class ChatLogprobs(AnswerHead head) : LogprobList(head)
{
    private readonly ByteBuffer _content = new();
    private readonly TokenJson _entryJson = new();

    public override int HeldLength => base.HeldLength + _content.Length;

    public override void Write(Utf8JsonWriter json)
    {
        if (_content.Length == 0)
        {
            json.WriteNullValue();
            return;
        }

        _content.Append("]"u8);
        json.WriteStartObject();
        json.WritePropertyName("content"u8);
        json.WriteRawValue(_content.Unread, skipInputValidation: true);
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
        _content.Clear();
    }

    public override void Dispose()
    {
        base.Dispose();
        _content.Dispose();
        _entryJson.Dispose();
    }

    protected override void Tell(ReadOnlySpan<byte> text, ReadOnlySpan<byte> logprob, ReadOnlySpan<byte> top)
    {
        if (logprob.IsEmpty)
        {
            return;
        }

        _content.Append(_content.Length == 0 ? "["u8 : ","u8);
        var json = _entryJson.Begin(_content);
        json.WriteStartObject();
        WriteToken(json, text, logprob);
        json.WritePropertyName("top_logprobs"u8);
        json.WriteRawValue(top, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
    }

    protected override void WriteTop(Utf8JsonWriter json, TopTokens tokens, int count)
    {
        json.WriteStartArray();
        foreach (var token in tokens)
        {
            if (count-- > 0 && !token.Logprob.IsEmpty)
            {
                json.WriteStartObject();
                WriteToken(json, token.Text, token.Logprob);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteToken(Utf8JsonWriter json, ReadOnlySpan<byte> text, ReadOnlySpan<byte> logprob)
    {
        json.WriteString("token"u8, text);
        json.WritePropertyName("logprob"u8);
        json.WriteRawValue(logprob, skipInputValidation: true);
        json.WriteStartArray("bytes"u8);
        foreach (var single in text)
        {
            json.WriteNumberValue(single);
        }

        json.WriteEndArray();
    }
}
