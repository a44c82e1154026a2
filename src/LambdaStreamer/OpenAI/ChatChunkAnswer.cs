using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// <c>chat.completion.chunk</c>: the role, written with the first token and never ahead of it, then a delta for each token that shows
/// anything. <c>reasoning_content</c> is what reasoning models think, by the name that vLLM and DeepSeek gave it.
/// </summary>
internal sealed class ChatChunkAnswer(AnswerHead head) : ChunkAnswer(head, head.Prefix("chatcmpl-", "chat.completion.chunk"))
{
    private readonly ChatLogprobs? _logprobs = head.TopLogprobs is null ? null : new ChatLogprobs(head);
    private readonly string _toolCallIdPrefix = head.ToolCallIdPrefix;
    private readonly HashSet<int> _begunToolCalls = [];
    private bool _wroteRole;

    public override int HeldLength => _logprobs?.HeldLength ?? 0;

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        _logprobs?.Add(token);
        var hasText = !token.IsSpecial && !token.Text.IsEmpty;
        if (!hasText && token.Reasoning.IsEmpty && token.ToolCalls.IsEmpty)
        {
            return;
        }

        WriteRole(output);
        var json = BeginChunk(output);
        json.WriteStartObject("delta"u8);
        if (!token.Reasoning.IsEmpty)
        {
            json.WriteString("reasoning_content"u8, token.Reasoning);
        }

        if (hasText)
        {
            json.WriteString("content"u8, token.Text);
        }

        WriteToolCalls(json, token);
        json.WriteEndObject();
        EndChunk(json, _logprobs, finishReason: default, output);
    }

    public override void Dispose()
    {
        base.Dispose();
        _logprobs?.Dispose();
    }

    protected override void WriteFinish(in Usage usage, IBufferWriter<byte> output)
    {
        WriteRole(output);
        var json = BeginChunk(output);
        json.WriteStartObject("delta"u8);
        json.WriteEndObject();
        var calledTools = _begunToolCalls.Count > 0 || usage.FinishReason == FinishReason.ToolCalls;
        EndChunk(json, logprobs: null, FinishReasons.Word(usage.FinishReason, calledTools), output);
    }

    private void WriteRole(IBufferWriter<byte> output)
    {
        if (_wroteRole)
        {
            return;
        }

        _wroteRole = true;
        var json = BeginChunk(output);
        json.WriteStartObject("delta"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, ""u8);
        json.WriteEndObject();
        EndChunk(json, logprobs: null, finishReason: default, output);
    }

    /// <summary>Id, type and name in a call's first fragment, arguments in each: TGI repeats all of them in every one.</summary>
    private void WriteToolCalls(Utf8JsonWriter json, in Token token)
    {
        if (token.ToolCalls.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (var piece in token.ToolCalls)
        {
            var isFirst = _begunToolCalls.Add(piece.Index);
            json.WriteStartObject();
            json.WriteNumber("index"u8, piece.Index);
            if (isFirst)
            {
                WriteId(json, piece);
                json.WriteString("type"u8, "function"u8);
            }

            json.WriteStartObject("function"u8);
            if (isFirst)
            {
                json.WriteString("name"u8, piece.Name);
            }

            json.WriteString("arguments"u8, piece.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteId(Utf8JsonWriter json, in ToolCallPiece piece)
    {
        if (piece.Id.IsEmpty)
        {
            json.WriteString("id"u8, $"{_toolCallIdPrefix}{piece.Index}");
        }
        else
        {
            json.WriteString("id"u8, piece.Id);
        }
    }
}
