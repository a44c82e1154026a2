using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// TGI's buffered answer: <c>[{"generated_text": string, "details"?: {…}}]</c>, an array of one on these routes (TGI
/// <c>compat_generate</c>). Put together from the stream, so that a long answer is not subject to SageMaker's 60 seconds for buffered
/// calls.
/// </summary>
internal sealed class BufferedAnswer(bool includeDetails) : Answer
{
    private readonly TokenJson _tokenJson = new();
    private readonly ByteBuffer _text = new();
    private readonly ByteBuffer _tokens = new();

    public override string ContentType => "application/json";

    public override int HeldLength => _text.Length + _tokens.Length;

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        if (!token.IsSpecial)
        {
            _text.Append(token.Text);
        }

        if (includeDetails)
        {
            _tokens.Append(_tokens.Length == 0 ? "["u8 : ","u8);
            var json = _tokenJson.Begin(_tokens);
            TokenJson.WriteToken(json, token);
            json.Flush();
        }
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        _tokens.Append(_tokens.Length == 0 ? "[]"u8 : "]"u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("generated_text"u8, _text.Unread);
        if (includeDetails)
        {
            json.WriteStartObject("details"u8);
            json.WriteString("finish_reason"u8, FinishReasonWords.Format(usage.FinishReason));
            json.WriteNumber("generated_tokens"u8, usage.GeneratedTokens);
            if (usage.Seed is { } seed)
            {
                json.WriteNumber("seed"u8, seed);
            }
            else
            {
                json.WriteNull("seed"u8);
            }

            json.WriteStartArray("prefill"u8);
            json.WriteEndArray();
            json.WritePropertyName("tokens"u8);
            TokenJson.WriteRawOrNull(json, _tokens.Unread);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.Flush();
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output) => _tokenJson.WriteError(error, output);

    public override void Dispose()
    {
        _tokenJson.Dispose();
        _text.Dispose();
        _tokens.Dispose();
    }
}
