using System.Buffers;
using System.Text.Json;

namespace LambdaStreamer.Generate;

/// <summary>
/// Writes TGI's generate request as an OpenAI completion, for a container that takes no other form (vLLM). What such a container has no
/// member for, and would change the answer, is refused.
/// </summary>
internal static class PromptBody
{
    /// <summary>TGI's own default in the versions that JumpStart deploys; vLLM's would be 16.</summary>
    private const int DefaultMaxNewTokens = 100;

    /// <summary>Appends the body.</summary>
    /// <param name="inputs">The prompt.</param>
    /// <param name="parameters">The request's <c>parameters</c>, JSON; empty when there are none.</param>
    /// <param name="output">Receives the body.</param>
    /// <returns>For the caller: which parameter cannot be passed on. Null when all could.</returns>
    public static string? TryWrite(string inputs, ReadOnlySpan<byte> parameters, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("prompt"u8, inputs);
        // TGI samples when there are no parameters at all, when it is asked to, and with a parameter that only makes sense then.
        var samples = parameters.IsEmpty;
        var logprobs = 0;
        var hasLimit = false;
        if (!parameters.IsEmpty)
        {
            var reader = new Utf8JsonReader(parameters);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var type = reader.TokenType;
                var count = type == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : 0;
                reader.Skip();
                if (type == JsonTokenType.Null)
                {
                    continue;
                }

                var value = parameters[start..(int)reader.BytesConsumed];
                switch (name)
                {
                    case "max_new_tokens":
                        hasLimit = true;
                        Write(json, "max_tokens", value);
                        break;
                    case "temperature" or "top_p" or "top_k":
                        samples = true;
                        Write(json, name, value);
                        break;
                    case "stop" or "seed" or "frequency_penalty" or "repetition_penalty":
                        Write(json, name, value);
                        break;
                    case "truncate":
                        Write(json, "truncate_prompt_tokens", value);
                        break;
                    case "do_sample":
                        samples |= type == JsonTokenType.True;
                        break;
                    case "details":
                        logprobs = Math.Max(logprobs, type == JsonTokenType.True ? 1 : 0);
                        break;
                    case "top_n_tokens":
                        logprobs = Math.Max(logprobs, count);
                        break;
                    case "decoder_input_details" or "watermark" when type == JsonTokenType.False:
                    case "best_of" when count == 1:
                        break;
                    case "typical_p" or "watermark" or "best_of" or "decoder_input_details" or "grammar" or "adapter_id":
                        return $"\"{name}\" is nothing that this model's container takes.";
                    default:
                        // return_full_text is done here; what nobody knows is nobody's.
                        break;
                }
            }
        }

        if (!hasLimit)
        {
            json.WriteNumber("max_tokens"u8, DefaultMaxNewTokens);
        }

        if (!samples)
        {
            json.WriteNumber("temperature"u8, 0);
        }

        if (logprobs > 0)
        {
            json.WriteNumber("logprobs"u8, logprobs);
        }

        json.WriteBoolean("stream"u8, true);
        json.WriteStartObject("stream_options"u8);
        json.WriteBoolean("include_usage"u8, true);
        json.WriteEndObject();
        json.WriteEndObject();
        return null;
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<byte> value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value, skipInputValidation: true);
    }
}
