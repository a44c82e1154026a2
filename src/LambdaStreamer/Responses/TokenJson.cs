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
        WriteId(json, token);
        json.WriteString("text"u8, token.Text);
        WriteLogprob(json, token);
        json.WriteBoolean("special"u8, token.IsSpecial);
        json.WriteEndObject();
    }

    public static void WriteId(Utf8JsonWriter json, in Token token)
    {
        if (token.Id is { } id)
        {
            json.WriteNumber("id"u8, id);
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
}
