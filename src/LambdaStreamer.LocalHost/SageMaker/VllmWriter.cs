using System.Text;
using System.Text.Json.Nodes;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// vLLM's bytes: chunks as server-sent events with their <c>[DONE]</c>, the buffered answer, the error. Members stand in vLLM's order; a
/// chat chunk leaves out what is not set, a completions chunk does not. The end token is a chunk without text; a limit or a stop sequence
/// ends with the chunk of the last token.
/// </summary>
internal sealed class VllmWriter(OpenAIAnswer answer)
{
    private readonly string _id = answer.Request.IsChat ? $"chatcmpl-{answer.Id}" : $"cmpl-{answer.Id}";

    public static ReadOnlyMemory<byte> Done { get; } = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>The chunk that opens a chat.</summary>
    public ReadOnlyMemory<byte> Role() => Event(Chunk(
        new JsonObject
        {
            ["index"] = 0,
            ["delta"] = new JsonObject { ["role"] = "assistant", ["content"] = "" },
            ["logprobs"] = null,
            ["finish_reason"] = null,
        },
        completionTokens: 0));

    /// <summary>The chunk of the token at <paramref name="position"/>, counted from 0; the end token is one of them.</summary>
    public ReadOnlyMemory<byte> Token(int position)
    {
        var isEndToken = position == answer.Tokens.Count;
        var choice = new JsonObject { ["index"] = 0 };
        if (answer.Request.IsChat)
        {
            choice["delta"] = isEndToken ? new JsonObject { ["content"] = "" } : OpenAIJson.Delta(answer, position);
            choice["logprobs"] = isEndToken ? null : OpenAIJson.ChatLogprobs(answer, position..(position + 1));
        }
        else
        {
            choice["text"] = isEndToken ? "" : answer.Tokens[position].Text;
            choice["logprobs"] = isEndToken ? null : OpenAIJson.CompletionsLogprobs(answer, position..(position + 1));
        }

        WriteFinish(choice, isLast: position == answer.CompletionTokens - 1);
        return Event(Chunk(choice, completionTokens: position + 1));
    }

    public ReadOnlyMemory<byte> UsageChunk()
    {
        var chunk = Chunk(choice: null, completionTokens: 0);
        chunk["usage"] = Usage(answer.CompletionTokens);
        return Event(chunk);
    }

    /// <summary>The answer without streaming.</summary>
    public ReadOnlyMemory<byte> Buffered()
    {
        var choice = new JsonObject { ["index"] = 0 };
        if (answer.Request.IsChat)
        {
            var message = OpenAIJson.Message(answer);
            message["tool_calls"] = OpenAIJson.WholeToolCalls(answer) ?? [];
            choice["message"] = message;
            choice["logprobs"] = OpenAIJson.ChatLogprobs(answer, ..);
        }
        else
        {
            choice["text"] = answer.TextOf(AnswerPart.Content) ?? "";
            choice["logprobs"] = OpenAIJson.CompletionsLogprobs(answer, ..);
        }

        choice["finish_reason"] = answer.FinishWord;
        choice["stop_reason"] = answer.MatchedStop;
        var whole = Head(answer.Request.IsChat ? "chat.completion" : "text_completion");
        whole["choices"] = new JsonArray(choice);
        whole["usage"] = Usage(answer.CompletionTokens);
        return Encoding.UTF8.GetBytes(JsonForm.Compact(whole));
    }

    /// <summary>An error instead of an answer.</summary>
    public static ReadOnlyMemory<byte> Error(string message, int status, string? param) =>
        Encoding.UTF8.GetBytes(JsonForm.Compact(ErrorObject(message, status, param)));

    /// <summary>An error inside a stream, which ends as every stream of vLLM's does.</summary>
    public static ReadOnlyMemory<byte> ErrorEvent(string message, int status) =>
        (byte[])[.. Event(ErrorObject(message, status, param: null)).Span, .. Done.Span];

    private static JsonObject ErrorObject(string message, int status, string? param) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = message,
            ["type"] = status switch
            {
                StatusCodes.Status404NotFound => "NotFoundError",
                StatusCodes.Status429TooManyRequests => "TooManyRequestsError",
                >= 500 => "InternalServerError",
                _ => "BadRequestError",
            },
            ["param"] = param,
            ["code"] = status,
        },
    };

    private void WriteFinish(JsonObject choice, bool isLast)
    {
        choice["finish_reason"] = isLast ? answer.FinishWord : null;
        if (isLast || !answer.Request.IsChat)
        {
            choice["stop_reason"] = isLast ? answer.MatchedStop : null;
        }
    }

    private JsonObject Chunk(JsonObject? choice, int completionTokens)
    {
        var chunk = Head(answer.Request.IsChat ? "chat.completion.chunk" : "text_completion");
        chunk["choices"] = choice is null ? new JsonArray() : new JsonArray(choice);
        if (answer.Request is { IncludesUsage: true, IncludesUsageInAll: true })
        {
            chunk["usage"] = Usage(completionTokens);
        }
        else if (!answer.Request.IsChat)
        {
            chunk["usage"] = null;
        }

        return chunk;
    }

    private JsonObject Head(string kind) => new()
    {
        ["id"] = _id,
        ["object"] = kind,
        ["created"] = OpenAIJson.Created,
        ["model"] = OpenAIJson.ModelName,
    };

    private JsonObject Usage(int completionTokens) => new()
    {
        ["prompt_tokens"] = answer.PromptTokens,
        ["total_tokens"] = answer.PromptTokens + completionTokens,
        ["completion_tokens"] = completionTokens,
    };

    private static ReadOnlyMemory<byte> Event(JsonObject data) => Encoding.UTF8.GetBytes($"data: {JsonForm.Compact(data)}\n\n");
}
