using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>The JSON objects that the JSON formats share, on one <see cref="Utf8JsonWriter"/> that is reset for each object.</summary>
internal sealed class TokenJson : IDisposable
{
    private static readonly JsonWriterOptions Options = new()
    {
        // Text goes out as UTF-8; the strict encoder would turn each character of a Japanese answer into six bytes of \uXXXX.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private Utf8JsonWriter? _writer;

    public Utf8JsonWriter Begin(IBufferWriter<byte> output)
    {
        if (_writer is null)
        {
            return _writer = new Utf8JsonWriter(output, Options);
        }

        _writer.Reset(output);
        return _writer;
    }

    /// <summary>TGI's <c>Token</c>: <c>{"id","text","logprob","special"}</c>.</summary>
    public static void WriteToken(Utf8JsonWriter json, in Token token)
    {
        json.WriteStartObject();
        WriteId(json, token.Id);
        json.WriteString("text"u8, token.Text);
        WriteLogprob(json, token);
        json.WriteBoolean("special"u8, token.IsSpecial);
        json.WriteEndObject();
    }

    public static void WriteId(Utf8JsonWriter json, long? id)
    {
        if (id is { } number)
        {
            json.WriteNumber("id"u8, number);
        }
        else
        {
            json.WriteNull("id"u8);
        }
    }

    public static void WriteLogprob(Utf8JsonWriter json, in Token token)
    {
        json.WritePropertyName("logprob"u8);
        WriteRawOrNull(json, token.Logprob);
    }

    /// <summary>TGI's <c>top_tokens</c>, whatever form the container gave them in; nothing when there are none.</summary>
    public static void WriteTopTokens(Utf8JsonWriter json, in Token token)
    {
        if (token.TopTokens.IsEmpty)
        {
            return;
        }

        json.WritePropertyName("top_tokens"u8);
        WriteTopTokenArray(json, token);
    }

    public static void WriteTopTokenArray(Utf8JsonWriter json, in Token token)
    {
        json.WriteStartArray();
        foreach (var top in token.TopTokens)
        {
            json.WriteStartObject();
            WriteId(json, top.Id);
            json.WriteString("text"u8, top.Text);
            json.WritePropertyName("logprob"u8);
            WriteRawOrNull(json, top.Logprob);
            json.WriteBoolean("special"u8, top.IsSpecial);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>What chat containers say beside the text: <c>reasoning</c> and <c>tool_calls</c>; nothing when there is none.</summary>
    public static void WriteAside(Utf8JsonWriter json, in Token token)
    {
        if (!token.Reasoning.IsEmpty)
        {
            json.WriteString("reasoning"u8, token.Reasoning);
        }

        if (token.ToolCalls.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (var piece in token.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, piece.Index);
            WriteIfAny(json, "id"u8, piece.Id);
            WriteIfAny(json, "name"u8, piece.Name);
            json.WriteString("arguments"u8, piece.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>TGI's <c>details</c>, after its property name, without the closing brace.</summary>
    public static void BeginDetails(Utf8JsonWriter json, in Usage usage)
    {
        json.WriteStartObject();
        json.WriteString("finish_reason"u8, FinishReasonWords.Format(usage.FinishReason));
        json.WriteNumber("generated_tokens"u8, usage.GeneratedTokens);
        if (usage.Seed is { } seed)
        {
            json.WriteNumber("seed"u8, seed);
        }
        else
        {
            json.WriteNull("seed"u8);
        }
    }

    /// <summary>A value that the container wrote and the reader has checked to be JSON; null when empty.</summary>
    public static void WriteRawOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(value, skipInputValidation: true);
        }
    }

    /// <summary>TGI's error object: <c>{"error": string, "error_type": string}</c>.</summary>
    public void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        var json = Begin(output);
        json.WriteStartObject();
        json.WriteString("error"u8, error.Message);
        json.WriteString("error_type"u8, error.Type);
        json.WriteEndObject();
        json.Flush();
    }

    public void Dispose() => _writer?.Dispose();

    private static void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WriteString(name, value);
        }
    }
}
