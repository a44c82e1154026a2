using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// TGI's generate stream in its present form (2.1 and later: a blank after <c>data:</c>, <c>index</c> from 1), whatever form the
/// container speaks. Special tokens are sent with their flag, as TGI does. It has no <c>[DONE]</c>; the event with <c>generated_text</c> is
/// the last.
/// </summary>
internal sealed class TokenEventAnswer : Answer
{
    private readonly TokenJson _tokenJson = new();
    private int _index;

    public override string ContentType => "text/event-stream";

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, ++_index);
        json.WritePropertyName("token"u8);
        TokenJson.WriteToken(json, token);
        if (!token.TopTokens.IsEmpty)
        {
            json.WritePropertyName("top_tokens"u8);
            TokenJson.WriteRawOrNull(json, token.TopTokens.Json);
        }

        json.WritePropertyName("generated_text"u8);
        TokenJson.WriteRawOrNull(json, token.GeneratedText);
        json.WritePropertyName("details"u8);
        TokenJson.WriteRawOrNull(json, token.Details);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n\n"u8);
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _tokenJson.WriteError(error, output);
        output.Write("\n\n"u8);
    }

    public override void Dispose() => _tokenJson.Dispose();
}
