using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// One JSON object a line: <c>{"text","id","logprob","special"}</c> for each token, with <c>top_tokens</c>, <c>reasoning</c> and
/// <c>tool_calls</c> where there are any, then one with <c>finish_reason</c> (null when the container told none),
/// <c>generated_tokens</c>, <c>input_tokens</c> and <c>counted</c> (true when the relay counted because the container did not). A stream
/// whose last line is an object with <c>error</c> broke.
/// </summary>
internal sealed class NdjsonAnswer : Answer
{
    private readonly TokenJson _tokenJson = new();

    public override string ContentType => "application/x-ndjson";

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteString("text"u8, token.Text);
        TokenJson.WriteId(json, token.Id);
        TokenJson.WriteLogprob(json, token);
        json.WriteBoolean("special"u8, token.IsSpecial);
        TokenJson.WriteTopTokens(json, token);
        TokenJson.WriteAside(json, token);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteString("finish_reason"u8, FinishReasonWords.Format(usage.FinishReason));
        json.WriteNumber("generated_tokens"u8, usage.GeneratedTokens);
        if (usage.InputTokens is { } inputTokens)
        {
            json.WriteNumber("input_tokens"u8, inputTokens);
        }
        else
        {
            json.WriteNull("input_tokens"u8);
        }

        json.WriteBoolean("counted"u8, usage.IsCounted);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        _tokenJson.WriteError(error, output);
        output.Write("\n"u8);
    }

    public override void Dispose() => _tokenJson.Dispose();
}
