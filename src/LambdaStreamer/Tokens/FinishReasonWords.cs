namespace LambdaStreamer.Tokens;

/// <summary>
/// The words of <c>finish_reason</c>: TGI's (0.9 to 3.3: <c>length</c>, <c>eos_token</c>, <c>stop_sequence</c>), OpenAI's (<c>stop</c>,
/// <c>length</c>, <c>tool_calls</c>, <c>function_call</c>, <c>content_filter</c>), and the two with which LMI and vLLM say that the
/// model did not finish at all (<c>error</c>, <c>abort</c>).
/// </summary>
public static class FinishReasonWords
{
    public static FinishReason Parse(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("eos_token"u8))
        {
            return FinishReason.EosToken;
        }

        if (word.SequenceEqual("length"u8))
        {
            return FinishReason.Length;
        }

        if (word.SequenceEqual("stop_sequence"u8))
        {
            return FinishReason.StopSequence;
        }

        if (word.SequenceEqual("stop"u8))
        {
            return FinishReason.Stop;
        }

        if (word.SequenceEqual("tool_calls"u8) || word.SequenceEqual("function_call"u8))
        {
            return FinishReason.ToolCalls;
        }

        return word.SequenceEqual("content_filter"u8) ? FinishReason.ContentFilter : FinishReason.Unknown;
    }

    /// <summary>TGI's word, and OpenAI's for a reason that TGI does not know; null for <see cref="FinishReason.Unknown"/>.</summary>
    public static string? Format(FinishReason reason) => reason switch
    {
        FinishReason.EosToken => "eos_token",
        FinishReason.StopSequence => "stop_sequence",
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        _ => null,
    };

    /// <summary>
    /// The current value of a <c>finish_reason</c>. Null and empty say nothing; any word, known or not, is the end; a failure is an error,
    /// whose message names the word where no better one is told.
    /// </summary>
    internal static void Read(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        var word = line.Text();
        if (word.IsEmpty)
        {
            return;
        }

        token.FinishReason = Parse(word);
        token.IsLast = true;
        var failure = word.SequenceEqual("error"u8) ? "finish_reason error"u8
            : word.SequenceEqual("abort"u8) ? "finish_reason abort"u8
            : default;
        if (!failure.IsEmpty)
        {
            parts |= ObjectParts.Error;
            token.ErrorMessage = token.ErrorMessage.IsEmpty ? failure : token.ErrorMessage;
        }
    }
}
