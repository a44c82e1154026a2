using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LambdaStreamer.Catalogue;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// A request as a container that knows nothing but text takes it: TGI's <c>{"inputs", "parameters"}</c>. A chat is written by the model's
/// template. Details are always asked for, because finish reason and usage are in them.
/// </summary>
internal static class GenerateBody
{
    /// <summary>TGI's largest <c>top_n_tokens</c>.</summary>
    private const int MaxTopTokens = 5;

    private static readonly string[] FormatNames = ["type", "json_schema"];
    private static readonly string[] SchemaNames = ["schema"];

    /// <exception cref="RequestProblemException">The model cannot do what was asked.</exception>
    public static void Write(ChatRequest request, [NotNull] ChatTemplate? template, ByteBuffer output)
    {
        if (template is null)
        {
            throw new RequestProblemException("messages", "This model has no chat template; use /v1/completions.");
        }

        if (!template.TryRender(request.Messages.Texts, out var prompt, out var problem))
        {
            throw new RequestProblemException("messages", problem);
        }

        Write(request, prompt, template.Stop, output);
    }

    /// <param name="request">What was asked.</param>
    /// <param name="prompt">Its messages by the model's template.</param>
    /// <param name="templateStop">What ends the model's turn in that template.</param>
    /// <param name="output">Receives the body.</param>
    /// <exception cref="RequestProblemException">The model cannot do what was asked.</exception>
    public static void Write(ChatRequest request, string prompt, IReadOnlyList<string> templateStop, ByteBuffer output)
    {
        RefuseTools(request);
        using var json = Begin(prompt, output);
        request.Sampling.WriteGenerate(json, templateStop);
        WriteTopTokens(json, "top_logprobs", request.TopLogprobs);
        WriteGrammar(json, request.ResponseFormat);
        End(json);
    }

    /// <exception cref="RequestProblemException">The model cannot do what was asked.</exception>
    public static void Write(CompletionRequest request, ByteBuffer output)
    {
        using var json = Begin(request.Prompt, output);
        request.Sampling.WriteGenerate(json, []);
        WriteTopTokens(json, "logprobs", request.Logprobs ?? 0);
        End(json);
    }

    /// <summary>A <c>tool_choice</c> of <c>none</c> makes tools a matter of the prompt alone, which they are left out of.</summary>
    private static void RefuseTools(ChatRequest request)
    {
        var choice = request.ToolChoice.Type == JsonTokenType.String ? request.ToolChoice.Text() : null;
        if (choice != "none" && !request.Tools.IsEmpty)
        {
            throw new RequestProblemException("tools", "This model does not know tools.");
        }

        if (choice is not ("none" or "auto") && !request.ToolChoice.IsAbsent)
        {
            throw new RequestProblemException("tool_choice", "This model does not know tools.");
        }

        if (request.Messages.ToolCallsParam is { } param)
        {
            throw new RequestProblemException(param, "This model does not know tools.");
        }
    }

    private static Utf8JsonWriter Begin(string prompt, ByteBuffer output)
    {
        var json = EndpointJson.Begin(output);
        json.WriteString("inputs"u8, prompt);
        json.WriteStartObject("parameters"u8);
        json.WriteBoolean("return_full_text"u8, false);
        json.WriteBoolean("details"u8, true);
        return json;
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteBoolean("stream"u8, true);
        json.WriteEndObject();
    }

    private static void WriteTopTokens(Utf8JsonWriter json, string param, int count)
    {
        if (count > MaxTopTokens)
        {
            throw new RequestProblemException(param, $"{param} must be at most {MaxTopTokens} with this model.");
        }

        if (count > 0)
        {
            json.WriteNumber("top_n_tokens"u8, count);
        }
    }

    /// <summary>
    /// A JSON schema becomes TGI's grammar (1.4 and later). <c>json_object</c> has no grammar: TGI refuses a schema without properties.
    /// </summary>
    private static void WriteGrammar(Utf8JsonWriter json, RequestValue responseFormat)
    {
        if (responseFormat.IsAbsent)
        {
            return;
        }

        var format = responseFormat.Object(FormatNames);
        switch (format["type"].Text())
        {
            case "json_schema":
                break;
            case "json_object":
                throw new RequestProblemException(
                    responseFormat.Param, "response_format json_object is not supported by this model; json_schema is.");
            default:
                throw format["type"].Wrong("text or json_schema");
        }

        var schema = format["json_schema"].Object(SchemaNames)["schema"];
        if (schema.Type != JsonTokenType.StartObject)
        {
            throw schema.Wrong("an object");
        }

        json.WriteStartObject("grammar"u8);
        json.WriteString("type"u8, "json"u8);
        json.WritePropertyName("value"u8);
        json.WriteRawValue(schema.Raw, skipInputValidation: true);
        json.WriteEndObject();
    }
}
