using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// A failure in OpenAI's words: <c>{"error": {"message", "type", "param", "code"}}</c>. Its clients choose an exception by the status,
/// and the cure by the code.
/// </summary>
internal static class OpenAIError
{
    /// <summary>
    /// How TGI (<c>router/src/validation.rs</c>: "`inputs` tokens + `max_new_tokens` must be &lt;= 2048", "`inputs` must have less than
    /// 1024 tokens") and vLLM ("This model's maximum context length is …") say that prompt and answer are too long together.
    /// </summary>
    private static readonly string[] ContextLengthPhrases =
        ["tokens + `max_new_tokens` must be <=", "must have less than", "maximum context length", "maximum model length"];

    /// <summary>
    /// Status, type and code as OpenAI's API has them. A container's 422 is 400 there. A cancelled answer is no 409, which OpenAI's
    /// clients take for a reason to ask again; and a 424 is a failure of ours to them.
    /// </summary>
    public static RelayError InTerms(RelayError error)
    {
        var status = error.Status switch
        {
            409 when error.Ending == Ending.Cancelled => 400,
            422 => 400,
            424 => 502,
            var other => other,
        };
        var isTooLong = error.Ending is not Ending.BadRequest && status is 400 or 413
            && ContextLengthPhrases.Any(phrase => error.Message.Contains(phrase, StringComparison.OrdinalIgnoreCase));
        var (type, code) = status switch
        {
            _ when isTooLong => ("invalid_request_error", "context_length_exceeded"),
            400 when error.Ending == Ending.Cancelled => ("invalid_request_error", "cancelled"),
            401 => ("authentication_error", "invalid_api_key"),
            403 => ("permission_error", null),
            405 => ("invalid_request_error", "method_not_supported"),
            429 => ("rate_limit_exceeded", "rate_limit_exceeded"),
            503 => ("overloaded", "overloaded"),
            >= 500 => ("server_error", null),
            _ => ("invalid_request_error", (string?)null),
        };
        return error with { Status = isTooLong ? 400 : status, Type = type, Code = error.Code ?? code };
    }

    /// <summary>An error that is in OpenAI's terms already.</summary>
    public static void Write(RelayError error, IBufferWriter<byte> output)
    {
        using var tokenJson = new TokenJson();
        var json = tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.Type);
        WriteOrNull(json, "param"u8, error.Param);
        WriteOrNull(json, "code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
