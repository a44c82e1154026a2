using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// One event of TGI's generate stream (huggingface/text-generation-inference 0.9 to 3.3, <c>StreamResponse</c>):
/// <c>{"index"?, "token": {"id","text","logprob","special"}, "top_tokens"?, "generated_text": null|string, "details": null|object}</c>, or
/// <c>{"error": string, "error_type": string}</c>. The event with a <c>generated_text</c> is the last. Members may come in any order.
/// </summary>
internal static class GenerateDialect
{
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">A known member has another type than above.</exception>
    /// <exception cref="FormatException">A number is out of range.</exception>
    public static void Read(ReadOnlySpan<byte> json, ByteBuffer unescaped, ref Token token)
    {
        // Unescaping never lengthens: room for the whole line at once, so that no span moves when the next string is unescaped.
        unescaped.GetSpan(json.Length);
        var reader = new Utf8JsonReader(json);
        token.Kind = TokenKind.Unknown;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("token"u8))
            {
                reader.Read();
                ReadToken(ref reader, unescaped, ref token);
                token.Kind = token.Kind == TokenKind.Error ? TokenKind.Error : TokenKind.Token;
                token.Count = 1;
            }
            else if (reader.ValueTextEquals("generated_text"u8))
            {
                token.GeneratedText = RawValue(ref reader, json);
                token.IsLast = !token.GeneratedText.IsEmpty;
            }
            else if (reader.ValueTextEquals("details"u8))
            {
                token.Details = RawValue(ref reader, json);
                ReadDetails(token.Details, ref token);
            }
            else if (reader.ValueTextEquals("top_tokens"u8))
            {
                token.TopTokens = RawValue(ref reader, json);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                token.ErrorMessage = Text(ref reader, unescaped);
                token.Kind = TokenKind.Error;
            }
            else if (reader.ValueTextEquals("error_type"u8))
            {
                reader.Read();
                token.ErrorType = Text(ref reader, unescaped);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // Throws when anything follows the object: half of a second event glued on would otherwise be lost.
        reader.Read();
    }

    private static void ReadToken(scoped ref Utf8JsonReader reader, ByteBuffer unescaped, ref Token token)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            ThrowNotAnObject();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                token.Text = Text(ref reader, unescaped);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                token.Id = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("logprob"u8))
            {
                reader.Read();
                // null stands for NaN.
                token.Logprob = reader.TokenType == JsonTokenType.Number ? reader.ValueSpan : default;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("special"u8))
            {
                reader.Read();
                token.IsSpecial = reader.GetBoolean();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void ReadDetails(ReadOnlySpan<byte> details, ref Token token)
    {
        if (details.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(details);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            ThrowNotAnObject();
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("finish_reason"u8))
            {
                reader.Read();
                token.FinishReason = FinishReasonWords.Parse(reader.ValueSpan);
            }
            else if (reader.ValueTextEquals("generated_tokens"u8))
            {
                reader.Read();
                token.GeneratedTokens = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt32();
            }
            else if (reader.ValueTextEquals("input_length"u8))
            {
                reader.Read();
                token.InputTokens = reader.TokenType == JsonTokenType.Null ? null : reader.GetInt32();
            }
            else if (reader.ValueTextEquals("seed"u8))
            {
                reader.Read();
                token.Seed = reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt64();
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }
    }

    /// <summary>The value that follows the property name as raw JSON; empty for null.</summary>
    private static ReadOnlySpan<byte> RawValue(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var isNull = reader.TokenType == JsonTokenType.Null;
        reader.Skip();
        return isNull ? default : json[start..(int)reader.BytesConsumed];
    }

    private static ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader, ByteBuffer unescaped)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
        {
            ThrowNotAString();
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        var target = unescaped.GetSpan(reader.ValueSpan.Length);
        var written = reader.CopyString(target);
        unescaped.Advance(written);
        return target[..written];
    }

    private static void ThrowNotAnObject() => throw new InvalidOperationException("An object was expected.");

    private static void ThrowNotAString() => throw new InvalidOperationException("A string was expected.");
}
