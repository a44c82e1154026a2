using System.Text;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>What a person should read of an answer, for tests that compare it with what arrived through a stream.</summary>
public static class ModelAnswer
{
    /// <summary>
    /// The answer of <paramref name="model"/> as far as <paramref name="maxNewTokens"/> and the first of <paramref name="stop"/> let
    /// it come, without the token that ends it. Taken from the text itself, not from events.
    /// </summary>
    public static string VisibleText(JumpStartModel model, string prompt, int maxNewTokens = 100, params IReadOnlyList<string> stop)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(stop);

        var answer = Encoding.UTF8.GetBytes(model.Texts.AnswerTo(prompt));
        var end = 0;
        foreach (var piece in Tokenizer.Cut(model, model.Texts.AnswerTo(prompt)).Take(maxNewTokens))
        {
            end += piece.Utf8.Length;
            if (stop.Any(sequence => sequence.Length > 0 && answer.AsSpan(0, end).EndsWith(Encoding.UTF8.GetBytes(sequence))))
            {
                break;
            }
        }

        // A limit inside a character that is spelt in bytes leaves that character out.
        while (end < answer.Length && (answer[end] & 0xc0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(answer, 0, end);
    }
}
