using System.Text;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// One answer, token by token, ended the way TGI ends it: after each token it looks first at the length, then for the end token, then
/// for a stop sequence, which must end exactly where a token ends and stays in the text.
/// </summary>
internal sealed record Generation(IReadOnlyList<GeneratedToken> Tokens, string Text, FinishReason FinishReason)
{
    public static Generation Run(JumpStartModel model, string prompt, int maxNewTokens, IReadOnlyList<string> stop)
    {
        var pieces = Tokenizer.Cut(model, model.Texts.AnswerTo(prompt));
        var tokens = new List<GeneratedToken>();
        var text = new StringBuilder();
        var character = new List<byte>();

        foreach (var piece in pieces)
        {
            character.AddRange(piece.Utf8.Span);
            var visible = TakeWholeCharacters(character);
            tokens.Add(new GeneratedToken(piece.Id, visible, Special: false));
            text.Append(visible);

            if (tokens.Count >= maxNewTokens)
            {
                return new Generation(tokens, text.ToString(), FinishReason.Length);
            }

            if (visible.Length > 0 && stop.Count > 0 && EndsWithAny(text.ToString(), stop))
            {
                return new Generation(tokens, text.ToString(), FinishReason.StopSequence);
            }
        }

        tokens.Add(new GeneratedToken(model.EosId, model.EosText, Special: true));
        var reason = tokens.Count >= maxNewTokens ? FinishReason.Length : FinishReason.EosToken;
        return new Generation(tokens, text.ToString(), reason);
    }

    private static bool EndsWithAny(string text, IReadOnlyList<string> stop) =>
        stop.Any(sequence => sequence.Length > 0 && text.EndsWith(sequence, StringComparison.Ordinal));

    private static string TakeWholeCharacters(List<byte> bytes)
    {
        // Pieces are whole characters or single bytes of one, so the first byte alone tells how many are still to come.
        var expected = bytes[0] switch { >= 0xf0 => 4, >= 0xe0 => 3, >= 0xc0 => 2, _ => 1 };
        if (bytes.Count < expected)
        {
            return "";
        }

        var text = Encoding.UTF8.GetString([.. bytes]);
        bytes.Clear();
        return text;
    }
}
