using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// TGI's buffered answer: <c>{"generated_text": string, "details"?: {…}}</c>, in an array of one on some routes (TGI
/// <c>compat_generate</c>), with <c>reasoning</c> and <c>tool_calls</c> beside them where a chat container gave some. Put together from
/// the stream, so that a long answer is not subject to SageMaker's 60 seconds for buffered calls.
/// </summary>
internal sealed class BufferedAnswer : Answer
{
    private readonly TokenJson _tokenJson = new();
    private readonly bool _includeDetails;
    private readonly bool _isArray;
    private readonly ByteBuffer _text = new();
    private readonly ByteBuffer _reasoning = new();
    private readonly ByteBuffer _tokens = new();
    private readonly ByteBuffer _topTokens = new();
    private readonly ToolCallList _toolCalls = new();

    public BufferedAnswer(bool includeDetails, ReadOnlySpan<byte> prompt, bool isArray)
    {
        _includeDetails = includeDetails;
        _isArray = isArray;
        _text.Append(prompt);
    }

    public override string ContentType => "application/json";

    public override int HeldLength => _text.Length + _reasoning.Length + _tokens.Length + _topTokens.Length + _toolCalls.Length;

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        if (!token.IsSpecial)
        {
            _text.Append(token.Text);
        }

        _reasoning.Append(token.Reasoning);
        _toolCalls.Add(token.ToolCalls);
        if (_includeDetails)
        {
            _tokens.Append(_tokens.Length == 0 ? "["u8 : ","u8);
            var json = _tokenJson.Begin(_tokens);
            TokenJson.WriteToken(json, token);
            json.Flush();
            if (!token.TopTokens.IsEmpty)
            {
                _topTokens.Append(_topTokens.Length == 0 ? "["u8 : ","u8);
                json = _tokenJson.Begin(_topTokens);
                TokenJson.WriteTopTokenArray(json, token);
                json.Flush();
            }
        }
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        _tokens.Append(_tokens.Length == 0 ? "[]"u8 : "]"u8);
        var json = _tokenJson.Begin(output);
        if (_isArray)
        {
            json.WriteStartArray();
        }

        json.WriteStartObject();
        json.WriteString("generated_text"u8, _text.Unread);
        if (_reasoning.Length > 0)
        {
            json.WriteString("reasoning"u8, _reasoning.Unread);
        }

        _toolCalls.WriteJson(json);
        if (_includeDetails)
        {
            json.WritePropertyName("details"u8);
            TokenJson.BeginDetails(json, usage);
            json.WriteStartArray("prefill"u8);
            json.WriteEndArray();
            json.WritePropertyName("tokens"u8);
            TokenJson.WriteRawOrNull(json, _tokens.Unread);
            if (_topTokens.Length > 0)
            {
                _topTokens.Append("]"u8);
                json.WritePropertyName("top_tokens"u8);
                TokenJson.WriteRawOrNull(json, _topTokens.Unread);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (_isArray)
        {
            json.WriteEndArray();
        }

        json.Flush();
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output) => _tokenJson.WriteError(error, output);

    public override void Dispose()
    {
        _tokenJson.Dispose();
        _text.Dispose();
        _reasoning.Dispose();
        _tokens.Dispose();
        _topTokens.Dispose();
    }
}
