using System.Text;
using System.Text.Json.Nodes;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// LMI's bytes for OpenAI's forms: a line of JSON for each token, without <c>data:</c> and <c>[DONE]</c>, and the buffered answer. The
/// first chat line names the role beside its text, the line of the last visible token has the finish reason, no line names the model.
/// </summary>
internal sealed class LmiOpenAIWriter(OpenAIAnswer answer)
{
    /// <summary>The line of the token at <paramref name="position"/>, counted from 0.</summary>
    public ReadOnlyMemory<byte> TokenLine(int position)
    {
        var choice = new JsonObject { ["index"] = 0 };
        if (answer.Request.IsChat)
        {
            var delta = OpenAIJson.Delta(answer, position);
            if (position == 0)
            {
                delta["role"] = "assistant";
            }

            choice["delta"] = delta;
            choice["logprobs"] = OpenAIJson.ChatLogprobs(answer, position..(position + 1));
        }
        else
        {
            choice["text"] = answer.Tokens[position].Text;
            choice["logprobs"] = OpenAIJson.CompletionsLogprobs(answer, position..(position + 1));
        }

        choice["finish_reason"] = position == answer.Tokens.Count - 1 ? answer.FinishWord : null;
        var line = Head("chat.completion.chunk");
        line["choices"] = new JsonArray(choice);
        return Line(line);
    }

    /// <summary>The line after the last token when usage is asked for.</summary>
    public ReadOnlyMemory<byte> UsageLine()
    {
        var line = Head("chat.completion.chunk");
        line["choices"] = new JsonArray();
        line["usage"] = Usage();
        return Line(line);
    }

    /// <summary>The answer without streaming; tool calls stand beside the message.</summary>
    public ReadOnlyMemory<byte> Buffered()
    {
        var choice = new JsonObject { ["index"] = 0 };
        if (answer.Request.IsChat)
        {
            choice["message"] = OpenAIJson.Message(answer);
            if (OpenAIJson.WholeToolCalls(answer) is { } toolCalls)
            {
                choice["tool_calls"] = toolCalls;
            }

            choice["logprobs"] = OpenAIJson.ChatLogprobs(answer, ..);
        }
        else
        {
            choice["text"] = answer.TextOf(AnswerPart.Content) ?? "";
            choice["logprobs"] = OpenAIJson.CompletionsLogprobs(answer, ..);
        }

        choice["finish_reason"] = answer.FinishWord;
        var whole = Head("chat.completion");
        whole["choices"] = new JsonArray(choice);
        whole["usage"] = Usage();
        return Encoding.ASCII.GetBytes(JsonForm.Python(whole));
    }

    private JsonObject Head(string kindOfChat) => new()
    {
        ["id"] = answer.Request.IsChat ? $"chatcmpl-{answer.Id}" : $"cmpl-{answer.Id}",
        ["object"] = answer.Request.IsChat ? kindOfChat : "text_completion",
        ["created"] = OpenAIJson.Created,
    };

    private JsonObject Usage() => new()
    {
        ["prompt_tokens"] = answer.PromptTokens,
        ["completion_tokens"] = answer.CompletionTokens,
        ["total_tokens"] = answer.PromptTokens + answer.CompletionTokens,
    };

    // Whatever is not ASCII has been escaped.
    private static byte[] Line(JsonObject json) => Encoding.ASCII.GetBytes(JsonForm.Python(json) + "\n");
}
