using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// TGI's generate stream in its present form (2.1 and later: a blank after <c>data:</c>, <c>index</c> from 1), whatever dialect the
/// container speaks. Special tokens are sent with their flag, as TGI does. It has no <c>[DONE]</c>; the event with <c>generated_text</c> is
/// the last. Where the container's own end marker is no token, that event has an empty special one without an id. <c>reasoning</c> and
/// <c>tool_calls</c>, which TGI's form does not have, are members of their own beside <c>token</c>.
/// </summary>
internal sealed class TokenEventAnswer : Answer
{
    /// <summary>Some thousand tokens: the text of most answers fits without growing.</summary>
    private const int UsualTextLength = 16 * 1024;

    private readonly TokenJson _tokenJson = new();
    private readonly bool _includeDetails;
    private readonly ByteBuffer _text = new(UsualTextLength);
    private int _index;
    private bool _wroteFinal;

    public TokenEventAnswer(bool includeDetails, ReadOnlySpan<byte> prompt)
    {
        _includeDetails = includeDetails;
        _text.Append(prompt);
    }

    public override string ContentType => "text/event-stream";

    public override int HeldLength => _text.Length;

    /// <summary>A comment of one line: a blank line behind it would be an event without data, which some clients take for one.</summary>
    public override ReadOnlySpan<byte> KeepAlive => ": ping\n"u8;

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        var json = BeginEvent(token, output);
        json.WriteNull("generated_text"u8);
        json.WriteNull("details"u8);
        EndEvent(json, output);
    }

    public override void WriteLast(in Token token, in Usage usage, IBufferWriter<byte> output)
    {
        if (token.GeneratedText.IsEmpty)
        {
            // The end marker of chat: the usage is still to come, so the last event has to wait for it.
            WriteToken(token, output);
        }
        else
        {
            WriteFinal(token, usage, output);
        }
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        if (!_wroteFinal)
        {
            WriteFinal(new Token { IsSpecial = true }, usage, output);
        }
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _tokenJson.WriteError(error, output);
        output.Write("\n\n"u8);
    }

    public override void Dispose()
    {
        _tokenJson.Dispose();
        _text.Dispose();
    }

    private void WriteFinal(in Token token, in Usage usage, IBufferWriter<byte> output)
    {
        _wroteFinal = true;
        var json = BeginEvent(token, output);
        json.WriteString("generated_text"u8, _text.Unread);
        json.WritePropertyName("details"u8);
        if (_includeDetails)
        {
            TokenJson.BeginDetails(json, usage);
            if (usage.InputTokens is { } inputTokens)
            {
                json.WriteNumber("input_length"u8, inputTokens);
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        EndEvent(json, output);
    }

    private Utf8JsonWriter BeginEvent(in Token token, IBufferWriter<byte> output)
    {
        if (!token.IsSpecial)
        {
            _text.Append(token.Text);
        }

        output.Write("data: "u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, ++_index);
        json.WritePropertyName("token"u8);
        TokenJson.WriteToken(json, token);
        TokenJson.WriteTopTokens(json, token);
        TokenJson.WriteAside(json, token);
        return json;
    }

    private static void EndEvent(Utf8JsonWriter json, IBufferWriter<byte> output)
    {
        json.WriteEndObject();
        json.Flush();
        output.Write("\n\n"u8);
    }
}
