using System.Text.Json;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// OpenAI's <c>usage</c>. It has no word for a figure that is not known: where the container does not tell the prompt's length,
/// <c>prompt_tokens</c> is 0 and the total is the answer's alone.
/// </summary>
internal static class UsageJson
{
    public static void Write(Utf8JsonWriter json, in Usage usage)
    {
        var promptTokens = usage.InputTokens ?? 0;
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens"u8, promptTokens);
        json.WriteNumber("completion_tokens"u8, usage.GeneratedTokens);
        json.WriteNumber("total_tokens"u8, (long)promptTokens + usage.GeneratedTokens);
        json.WriteEndObject();
    }
}
