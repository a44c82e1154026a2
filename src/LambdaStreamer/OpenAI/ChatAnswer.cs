using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// One <c>chat.completion</c>, put together from the stream, so that a long answer is not subject to SageMaker's 60 seconds for buffered
/// calls. Its <c>content</c> is null where the model called tools and said nothing.
/// </summary>
internal sealed class ChatAnswer(AnswerHead head) : Answer
{
    private readonly TokenJson _tokenJson = new();
    private readonly ChatLogprobs? _logprobs = head.TopLogprobs is null ? null : new ChatLogprobs(head);
    private readonly ByteBuffer _text = new();
    private readonly ByteBuffer _reasoning = new();
    private readonly ToolCallList _toolCalls = new();

    public override string ContentType => "application/json";

    public override int HeldLength => _text.Length + _reasoning.Length + _toolCalls.Length + (_logprobs?.HeldLength ?? 0);

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        _logprobs?.Add(token);
        if (!token.IsSpecial)
        {
            _text.Append(token.Text);
        }

        _reasoning.Append(token.Reasoning);
        _toolCalls.Add(token.ToolCalls);
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        var calledTools = _toolCalls.Length > 0;
        output.Write(head.Prefix("chatcmpl-", "chat.completion"));
        output.Write("\"choices\":["u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        WriteMessage(json, calledTools);
        json.WritePropertyName("logprobs"u8);
        if (_logprobs is null)
        {
            json.WriteNullValue();
        }
        else
        {
            _logprobs.Write(json);
        }

        calledTools |= usage.FinishReason == FinishReason.ToolCalls;
        json.WriteString("finish_reason"u8, FinishReasons.Word(usage.FinishReason, calledTools));
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
        _reasoning.Dispose();
    }

    private void WriteMessage(Utf8JsonWriter json, bool calledTools)
    {
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        if (calledTools && _text.Length == 0)
        {
            json.WriteNull("content"u8);
        }
        else
        {
            json.WriteString("content"u8, _text.Unread);
        }

        json.WriteNull("refusal"u8);
        if (_reasoning.Length > 0)
        {
            json.WriteString("reasoning_content"u8, _reasoning.Unread);
        }

        if (calledTools)
        {
            json.WritePropertyName("tool_calls"u8);
            _toolCalls.WriteOpenAIJson(json, head.ToolCallIdPrefix);
        }

        json.WriteEndObject();
    }
}
