using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// OpenAI's objects as TGI, LMI and vLLM write them: chat chunks (<c>choices[].delta</c>), completions chunks (<c>choices[].text</c>) and
/// answers that were not streamed (<c>choices[].message</c>), with <c>usage</c>. Told apart by these members and not by <c>object</c>: TGI
/// 1.4 to 2.0 calls its chat chunks <c>text_completion</c>.
/// </summary>
/// <remarks>
/// Only the choice with index 0 is read: nobody asks for a second one. How many tokens a chunk holds is told by its logprobs alone; without
/// them a chunk that shows anything counts as one.
/// </remarks>
internal static class OpenAIDialect
{
    /// <summary>Reads the current member if it is one of this dialect's.</summary>
    public static bool TryRead(
        scoped ReadOnlySpan<byte> name, scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (name.SequenceEqual("choices"u8))
        {
            ReadChoices(ref line, ref parts, ref token);
        }
        else if (name.SequenceEqual("usage"u8))
        {
            ReadUsage(ref line, ref parts, ref token);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Decides what the object is, once all of it was read.</summary>
    public static void Complete(ObjectParts parts, Dialect dialect, bool isBegun, ref Token token)
    {
        var told = parts & (ObjectParts.Chat | ObjectParts.Completions);
        var isOther = (dialect == Dialect.Chat && told == ObjectParts.Completions)
            || (dialect == Dialect.Completions && told == ObjectParts.Chat);
        if (isOther)
        {
            token = new Token { Kind = TokenKind.Unknown };
            return;
        }

        if ((parts & ObjectParts.Message) != 0)
        {
            token.IsLast = true;
            if (isBegun)
            {
                ForgetContent(ref token);
            }
            else if (token.Count == 0)
            {
                token.Count = token.GeneratedTokens ?? 0;
            }
        }

        var hasContent = !token.Text.IsEmpty || !token.Reasoning.IsEmpty || !token.ToolCalls.IsEmpty;
        if (hasContent && token.Count == 0 && (parts & ObjectParts.Message) == 0)
        {
            token.Count = 1;
        }

        token.Kind = hasContent || token.Count > 0 ? TokenKind.Token : TokenKind.Update;
    }

    private static void ForgetContent(ref Token token)
    {
        token.Text = default;
        token.Reasoning = default;
        token.ToolCalls = default;
        token.Logprob = default;
        token.TopTokens = default;
        token.Count = 0;
    }

    private static void ReadChoices(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        parts |= ObjectParts.Choices;
        if (line.Type == JsonTokenType.Null)
        {
            return;
        }

        line.Expect(JsonTokenType.StartArray);
        while (line.ReadElement())
        {
            // The index may stand behind the content.
            var tokenBefore = token;
            var partsBefore = parts;
            if (ReadChoice(ref line, ref parts, ref token) != 0)
            {
                token = tokenBefore;
                parts = partsBefore | (parts & (ObjectParts.Chat | ObjectParts.Completions));
            }
        }
    }

    /// <returns>The choice's index.</returns>
    private static int ReadChoice(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        line.Expect(JsonTokenType.StartObject);
        var index = 0;
        var hasStopString = false;
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("index"u8))
            {
                index = line.Int32OrNull() ?? 0;
                line.Skip();
            }
            else if (name.SequenceEqual("delta"u8))
            {
                parts |= ObjectParts.Chat;
                ReadContent(ref line, ref token);
            }
            else if (name.SequenceEqual("message"u8))
            {
                parts |= ObjectParts.Chat | ObjectParts.Message;
                ReadContent(ref line, ref token);
            }
            else if (name.SequenceEqual("text"u8))
            {
                parts |= ObjectParts.Completions;
                token.Text = line.Text();
            }
            else if (name.SequenceEqual("logprobs"u8))
            {
                OpenAILogprobs.Read(ref line, ref token);
            }
            else if (name.SequenceEqual("finish_reason"u8))
            {
                FinishReasonWords.Read(ref line, ref parts, ref token);
            }
            else if (name.SequenceEqual("stop_reason"u8))
            {
                // vLLM: the caller's string; null for the model's end token. A number is a token's id, and no less often one of the model's
                // own further end tokens (Llama 3's 128009) than one of the caller's: it decides nothing.
                hasStopString = line.Type == JsonTokenType.String;
                line.Skip();
            }
            else if (!TryReadToolCalls(name, ref line, ref token))
            {
                line.Skip();
            }
        }

        if (hasStopString && token.FinishReason == FinishReason.Stop)
        {
            token.FinishReason = FinishReason.StopSequence;
        }

        return index;
    }

    /// <summary>A <c>delta</c> or a <c>message</c>.</summary>
    private static void ReadContent(scoped ref JsonLine line, scoped ref Token token)
    {
        if (line.Type == JsonTokenType.Null)
        {
            return;
        }

        line.Expect(JsonTokenType.StartObject);
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("content"u8) || name.SequenceEqual("refusal"u8))
            {
                var text = line.Text();
                token.Text = text.IsEmpty ? token.Text : text;
            }
            else if (name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8))
            {
                // vLLM has renamed it, and sent the same text under both names for a while.
                var text = line.Text();
                token.Reasoning = text.IsEmpty ? token.Reasoning : text;
            }
            else if (!TryReadToolCalls(name, ref line, ref token))
            {
                line.Skip();
            }
        }
    }

    /// <summary>LMI puts those of a whole answer beside the message, everyone else into it.</summary>
    private static bool TryReadToolCalls(scoped ReadOnlySpan<byte> name, scoped ref JsonLine line, scoped ref Token token)
    {
        if (!name.SequenceEqual("tool_calls"u8) && !name.SequenceEqual("function_call"u8))
        {
            return false;
        }

        var toolCalls = ToolCalls.Read(ref line);
        if (!toolCalls.IsEmpty)
        {
            token.ToolCalls = toolCalls;
        }

        return true;
    }

    private static void ReadUsage(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (line.Type != JsonTokenType.StartObject)
        {
            line.Skip();
            return;
        }

        parts |= ObjectParts.Usage;
        while (line.ReadMember(out var name))
        {
            if (name.SequenceEqual("prompt_tokens"u8))
            {
                token.InputTokens = line.Int32OrNull();
                line.Skip();
            }
            else if (name.SequenceEqual("completion_tokens"u8))
            {
                token.GeneratedTokens = line.Int32OrNull();
                line.Skip();
            }
            else
            {
                line.Skip();
            }
        }
    }
}
