namespace LambdaStreamer.Tokens;

/// <summary>
/// The words of TGI's <c>details.finish_reason</c> (TGI 0.9 to 3.3: <c>length</c>, <c>eos_token</c>, <c>stop_sequence</c>).
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

        return word.SequenceEqual("stop_sequence"u8) ? FinishReason.StopSequence : FinishReason.Unknown;
    }

    /// <summary>TGI's word; null for <see cref="FinishReason.Unknown"/>.</summary>
    public static string? Format(FinishReason reason) => reason switch
    {
        FinishReason.EosToken => "eos_token",
        FinishReason.StopSequence => "stop_sequence",
        FinishReason.Length => "length",
        _ => null,
    };
}
