using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// A request as containers that speak OpenAI's own forms take it on <c>/invocations</c>: TGI 2.4 and later, DJL LMI, vLLM. What of
/// the caller's members is known here is passed on for the container to judge; what is not is left out, as OpenAI's own API ignores it. <c>model</c> is left out: the endpoint's container serves one
/// and knows it by another name. A stream with its usage is always asked for; what of it the caller sees is the answer's to decide.
/// </summary>
internal static class MessagesBody
{
    public static void Write(ChatRequest request, ByteBuffer output)
    {
        using var json = EndpointJson.Begin(output);
        using var messages = new ByteBuffer();
        request.Messages.Write(messages);
        json.WritePropertyName("messages"u8);
        json.WriteRawValue(messages.Unread, skipInputValidation: true);
        request.Sampling.WriteOpenAI(json);
        if (request.Logprobs)
        {
            json.WriteBoolean("logprobs"u8, true);
            json.WriteNumber("top_logprobs"u8, request.TopLogprobs);
        }

        WriteIfAny(json, "response_format"u8, request.ResponseFormat);
        WriteIfAny(json, "tools"u8, request.Tools);
        WriteIfAny(json, "tool_choice"u8, request.ToolChoice);
        WriteIfAny(json, "parallel_tool_calls"u8, request.ParallelToolCalls);
        WriteIfAny(json, "reasoning_effort"u8, request.ReasoningEffort);
        End(json);
    }

    public static void Write(CompletionRequest request, ByteBuffer output)
    {
        using var json = EndpointJson.Begin(output);
        json.WriteString("prompt"u8, request.Prompt);
        request.Sampling.WriteOpenAI(json);
        if (request.Logprobs is { } logprobs)
        {
            json.WriteNumber("logprobs"u8, logprobs);
        }

        End(json);
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteBoolean("stream"u8, true);
        json.WriteStartObject("stream_options"u8);
        json.WriteBoolean("include_usage"u8, true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, RequestValue value)
    {
        if (!value.IsEmpty)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value.Raw, skipInputValidation: true);
        }
    }
}
