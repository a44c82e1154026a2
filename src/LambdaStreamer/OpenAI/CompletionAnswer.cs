using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>One <c>text_completion</c>, put together from the stream.</summary>
internal sealed class CompletionAnswer(AnswerHead head) : Answer
{
    private readonly TokenJson _tokenJson = new();
    private readonly CompletionLogprobs? _logprobs = head.TopLogprobs is null ? null : new CompletionLogprobs(head);
    private readonly ByteBuffer _text = new();

    public override string ContentType => "application/json";

    public override int HeldLength => _text.Length + (_logprobs?.HeldLength ?? 0);

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        _logprobs?.Add(token);
        if (!token.IsSpecial)
        {
            _text.Append(token.Text);
        }
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        output.Write(head.Prefix("cmpl-", "text_completion"));
        output.Write("\"choices\":["u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteString("text"u8, _text.Unread);
        json.WritePropertyName("logprobs"u8);
        if (_logprobs is null)
        {
            json.WriteNullValue();
        }
        else
        {
            _logprobs.Write(json);
        }

        json.WriteString("finish_reason"u8, FinishReasons.Word(usage.FinishReason, calledTools: false));
        json.WriteEndObject();
        json.Flush();
        output.Write("],\"usage\":"u8);
        json = _tokenJson.Begin(output);
        UsageJson.Write(json, usage);
        json.Flush();
        output.Write("}"u8);
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output) => OpenAIError.Write(OpenAIError.InTerms(error), output);

    public override void Dispose()
    {
        _tokenJson.Dispose();
        _logprobs?.Dispose();
        _text.Dispose();
    }
}
