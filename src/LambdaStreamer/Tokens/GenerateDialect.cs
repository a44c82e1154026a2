using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// The generate stream of TGI (huggingface/text-generation-inference 0.9 to 3.3, <c>StreamResponse</c>) and of DJL LMI (rolling batch,
/// async vLLM): <c>{"index"?, "token": {"id","text","logprob"|"log_prob","special"?}, "top_tokens"?, "generated_text"?, "details"?}</c>.
/// The event with a <c>generated_text</c> is the last. Without a token it is an answer that was not streamed.
/// </summary>
/// <remarks>
/// <c>index</c> is not read: TGI counts tokens with it, LMI's async vLLM choices, of which there is one. To tell the two apart is not
/// possible, and to drop a token of TGI would be worse than anything.
/// </remarks>
internal static class GenerateDialect
{
    /// <summary>Reads the current member if it is one of this dialect's.</summary>
    public static bool TryRead(
        scoped ReadOnlySpan<byte> name, scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (name.SequenceEqual("token"u8))
        {
            if (line.Type != JsonTokenType.Null)
            {
                ReadToken(ref line, ref parts, ref token);
                parts |= ObjectParts.Token;
            }
        }
        else if (name.SequenceEqual("generated_text"u8))
        {
            if (line.Type != JsonTokenType.Null)
            {
                line.Expect(JsonTokenType.String);
                token.GeneratedText = line.Raw(out _);
                token.IsLast = true;
                parts |= ObjectParts.GeneratedText;
            }
        }
        else if (name.SequenceEqual("details"u8))
        {
            if (line.Type != JsonTokenType.StartObject)
            {
                line.Skip();
                return true;
            }

            var start = line.Start;
            ReadDetails(ref line, ref parts, ref token);
            token.Details = line.RawFrom(start);
        }
        else if (name.SequenceEqual("top_tokens"u8))
        {
            token.TopTokens = TopTokens.Read(ref line);
        }
        else if (name.SequenceEqual("index"u8))
        {
            // Named here to spare it the other dialects' names.
            line.Skip();
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>An object with a whole text and no token: the answer itself, or, after tokens, their repetition.</summary>
    public static void CompleteWithoutToken(ReadOnlySpan<byte> generatedText, bool isBegun, ref Token token)
    {
        token.Kind = isBegun || generatedText.IsEmpty ? TokenKind.Update : TokenKind.Token;
        if (!isBegun)
        {
            token.Text = generatedText;
            token.Count = token.GeneratedTokens ?? 0;
        }
    }

    private static void ReadToken(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        line.Expect(JsonTokenType.StartObject);
        token.Count = 1;
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("text"u8))
            {
                token.Text = line.Text();
            }
            else if (name.SequenceEqual("id"u8))
            {
                ReadId(ref line, ref token);
            }
            else if (name.SequenceEqual("logprob"u8) || name.SequenceEqual("log_prob"u8))
            {
                token.Logprob = line.Number();
            }
            else if (name.SequenceEqual("special"u8) || name.SequenceEqual("special_token"u8))
            {
                token.IsSpecial = line.Type == JsonTokenType.True;
                line.Skip();
            }
            else if (name.SequenceEqual("error_msg"u8))
            {
                // LMI reports a failed request as a token with id -1.
                ErrorObject.ReadMessage(ref line, ref parts, ref token);
            }
            else
            {
                line.Skip();
            }
        }
    }

    /// <summary>A number; with LMI 0.27 a list of all the tokens whose text this is.</summary>
    private static void ReadId(scoped ref JsonLine line, scoped ref Token token)
    {
        if (line.Type != JsonTokenType.StartArray)
        {
            token.Id = line.Int64();
            return;
        }

        token.Count = 0;
        while (line.ReadElement())
        {
            token.Count++;
            token.Id = token.Count == 1 ? line.Int64() : null;
            line.Skip();
        }
    }

    private static void ReadDetails(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("finish_reason"u8))
            {
                FinishReasonWords.Read(ref line, ref parts, ref token);
            }
            else if (name.SequenceEqual("generated_tokens"u8))
            {
                token.GeneratedTokens = line.Int32OrNull();
                line.Skip();
            }
            else if (name.SequenceEqual("input_length"u8))
            {
                token.InputTokens = line.Int32OrNull();
                line.Skip();
            }
            else if (name.SequenceEqual("seed"u8))
            {
                token.Seed = line.UInt64OrNull();
                line.Skip();
            }
            else
            {
                line.Skip();
            }
        }
    }
}
