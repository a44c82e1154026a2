using System.Buffers;
using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// TGI's bytes: token events, the error event, the buffered answer. The wire form follows the version: an index from 1.4.0 on, a blank
/// after <c>data:</c> from 2.1.0 on (axum 0.7), the length of the input in the details from 2.3.0 on. Members stand in TGI's order.
/// </summary>
internal sealed class TgiWriter(JumpStartModel model, Version version, TgiRequest request, Generation generation, ulong seed)
{
    private static readonly Version IndexSince = new(1, 4, 0);
    private static readonly Version BlankSince = new(2, 1, 0);
    private static readonly Version InputLengthSince = new(2, 3, 0);

    public static ReadOnlyMemory<byte> KeepAlive { get; } = ":\n\n"u8.ToArray();

    /// <summary>
    /// The event of the token at <paramref name="position"/>, counted from 0. The last one carries the text and the details.
    /// </summary>
    public ReadOnlyMemory<byte> TokenEvent(int position) => Event(version, json =>
    {
        var isLast = position == generation.Tokens.Count - 1;
        if (version >= IndexSince)
        {
            json.WriteNumber("index"u8, position + 1);
        }

        json.WriteStartObject("token"u8);
        WriteToken(json, generation.Tokens[position], Logprob.Of(seed, position, generation.Tokens[position].Id));
        json.WriteEndObject();
        if (request.Parameters.TopNTokens > 0)
        {
            json.WritePropertyName("top_tokens"u8);
            WriteTopTokens(json, position);
        }

        json.WritePropertyName("generated_text"u8);
        if (isLast)
        {
            json.WriteSerdeStringValue(GeneratedText());
        }
        else
        {
            json.WriteNullValue();
        }

        json.WritePropertyName("details"u8);
        if (isLast && request.Parameters.Details)
        {
            json.WriteStartObject();
            WriteOutcome(json);
            if (version >= InputLengthSince)
            {
                json.WriteNumber("input_length"u8, request.InputLength(model));
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }
    });

    /// <summary>An error inside a stream; nothing follows it.</summary>
    public static ReadOnlyMemory<byte> ErrorEvent(Version version, string message, string errorType) =>
        Event(version, json => WriteError(json, message, errorType));

    /// <summary>An error instead of an answer.</summary>
    public static ReadOnlyMemory<byte> Error(string message, string errorType) => Json(json =>
    {
        json.WriteStartObject();
        WriteError(json, message, errorType);
        json.WriteEndObject();
    });

    /// <summary>The answer of <c>/invocations</c> without streaming: an array of one.</summary>
    public ReadOnlyMemory<byte> Buffered() => Json(json =>
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteSerdeString("generated_text"u8, GeneratedText());
        if (request.Parameters.Details || request.Parameters.DecoderInputDetails)
        {
            json.WriteStartObject("details"u8);
            WriteOutcome(json);
            WritePrefill(json);
            json.WriteStartArray("tokens"u8);
            for (var position = 0; position < generation.Tokens.Count; position++)
            {
                json.WriteStartObject();
                WriteToken(json, generation.Tokens[position], Logprob.Of(seed, position, generation.Tokens[position].Id));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (request.Parameters.TopNTokens > 0)
            {
                json.WriteStartArray("top_tokens"u8);
                for (var position = 0; position < generation.Tokens.Count; position++)
                {
                    WriteTopTokens(json, position);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    });

    private string GeneratedText() => request.Parameters.ReturnFullText ? request.Inputs + generation.Text : generation.Text;

    private void WriteOutcome(Utf8JsonWriter json)
    {
        json.WriteString("finish_reason"u8, generation.FinishReason switch
        {
            FinishReason.Length => "length"u8,
            FinishReason.EosToken => "eos_token"u8,
            _ => "stop_sequence"u8,
        });
        json.WriteNumber("generated_tokens"u8, generation.Tokens.Count);
        if (request.Parameters.Samples)
        {
            json.WriteNumber("seed"u8, seed);
        }
        else
        {
            json.WriteNull("seed"u8);
        }
    }

    private void WritePrefill(Utf8JsonWriter json)
    {
        json.WriteStartArray("prefill"u8);
        if (request.Parameters.DecoderInputDetails)
        {
            var tokens = Tokenizer.Cut(model, request.Inputs).Select(piece => (piece.Id, Text: Encoding.UTF8.GetString(piece.Utf8.Span)));
            var position = 0;
            foreach (var (id, text) in tokens)
            {
                json.WriteStartObject();
                json.WriteNumber("id"u8, id);
                json.WriteSerdeString("text"u8, text);
                json.WritePropertyName("logprob"u8);

                // Nothing stands before the first token that could make it likely or not.
                if (position == 0)
                {
                    json.WriteNullValue();
                }
                else
                {
                    json.WriteNumberValue(Logprob.Of(seed, -position, id));
                }

                json.WriteEndObject();
                position++;
            }
        }

        json.WriteEndArray();
    }

    private void WriteTopTokens(Utf8JsonWriter json, int position)
    {
        json.WriteStartArray();
        for (var rank = 0; rank < (int)request.Parameters.TopNTokens; rank++)
        {
            // The chosen token first; the others are tokens of the same answer, less and less likely.
            var token = generation.Tokens[(position + (rank * 7)) % generation.Tokens.Count];
            json.WriteStartObject();
            WriteToken(json, token, MathF.Round(Logprob.Of(seed, position, generation.Tokens[position].Id) - (rank * 1.25f), 4));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteToken(Utf8JsonWriter json, GeneratedToken token, float logprob)
    {
        json.WriteNumber("id"u8, token.Id);
        json.WriteSerdeString("text"u8, token.Text);
        json.WriteNumber("logprob"u8, logprob);
        json.WriteBoolean("special"u8, token.Special);
    }

    private static void WriteError(Utf8JsonWriter json, string message, string errorType)
    {
        json.WriteSerdeString("error"u8, message);
        json.WriteString("error_type"u8, errorType);
    }

    private static ReadOnlyMemory<byte> Event(Version version, Action<Utf8JsonWriter> writeMembers)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(version >= BlankSince ? "data: "u8 : "data:"u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            write(json);
        }

        return output.WrittenMemory;
    }
}
