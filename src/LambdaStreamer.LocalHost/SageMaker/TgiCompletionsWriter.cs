using System.Text;
using System.Text.Json.Nodes;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// TGI's bytes for OpenAI's completions (from 2.4.0 on, where <c>/invocations</c> takes them). Each token is a chunk whose finish reason is
/// an empty string; the last has TGI's own word for the end, the usage whether asked for or not, and the text of the end token. Only the
/// buffered answer says <c>stop</c> and leaves that text out.
/// </summary>
internal sealed class TgiCompletionsWriter(JumpStartModel model, Version version, TgiRequest request, Generation generation)
{
    public static ReadOnlyMemory<byte> Done { get; } = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>The chunk of the token at <paramref name="position"/>, counted from 0.</summary>
    public ReadOnlyMemory<byte> TokenEvent(int position)
    {
        var text = generation.Tokens[position].Text;
        var isLast = position == generation.Tokens.Count - 1;
        return Encoding.UTF8.GetBytes($"data: {JsonForm.Compact(isLast ? Final(text, FinishWord) : Chunk(text))}\n\n");
    }

    /// <summary>The answer without streaming.</summary>
    public ReadOnlyMemory<byte> Buffered() =>
        Encoding.UTF8.GetBytes(JsonForm.Compact(Final(generation.Text, FinishWord == "eos_token" ? "stop" : FinishWord)));

    private string FinishWord => generation.FinishReason switch
    {
        FinishReason.Length => "length",
        FinishReason.EosToken => "eos_token",
        _ => "stop_sequence",
    };

    private string SystemFingerprint => $"{version}-sha-0a655a0";

    private JsonObject Chunk(string text) => new()
    {
        ["object"] = "text_completion",
        ["id"] = "",
        ["created"] = OpenAIJson.Created,
        ["choices"] = Choices(text, ""),
        ["model"] = OpenAIJson.ModelName,
        ["system_fingerprint"] = SystemFingerprint,
    };

    private JsonObject Final(string text, string finishReason)
    {
        var promptTokens = request.InputLength(model);
        return new JsonObject
        {
            ["object"] = "text_completion",
            ["id"] = "",
            ["created"] = OpenAIJson.Created,
            ["model"] = OpenAIJson.ModelName,
            ["system_fingerprint"] = SystemFingerprint,
            ["choices"] = Choices(text, finishReason),
            ["usage"] = new JsonObject
            {
                ["prompt_tokens"] = promptTokens,
                ["completion_tokens"] = generation.Tokens.Count,
                ["total_tokens"] = promptTokens + generation.Tokens.Count,
            },
        };
    }

    private static JsonArray Choices(string text, string finishReason) => new(new JsonObject
    {
        ["index"] = 0,
        ["text"] = text,
        ["logprobs"] = null,
        ["finish_reason"] = finishReason,
    });
}
