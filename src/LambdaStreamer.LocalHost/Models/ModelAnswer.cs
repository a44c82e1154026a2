using System.Text;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>What a person should read of an answer, for tests that compare it with what arrived through a stream.</summary>
public static class ModelAnswer
{
    /// <summary>
    /// The answer of <paramref name="model"/> as far as <paramref name="maxNewTokens"/> (null: the default of its container) and the first
    /// of <paramref name="stop"/> let it come, without the token that ends it. Taken from the text itself, not from events.
    /// </summary>
    public static string VisibleText(JumpStartModel model, string prompt, int? maxNewTokens = null, params IReadOnlyList<string> stop)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(stop);

        var answer = Encoding.UTF8.GetBytes(model.Texts.AnswerTo(prompt));
        var end = 0;
        foreach (var piece in Tokenizer.Cut(model, model.Texts.AnswerTo(prompt)).Take(maxNewTokens ?? model.DefaultMaxNewTokens))
        {
            end += piece.Utf8.Length;
            if (EndAtStop(model.Container, answer.AsSpan(0, end), stop) is { } stopped)
            {
                end = stopped;
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

    // TGI keeps a stop sequence that ends where a token does; vLLM finds it anywhere and takes it out.
    private static int? EndAtStop(ContainerKind container, ReadOnlySpan<byte> text, IReadOnlyList<string> stop)
    {
        foreach (var sequence in stop.Where(sequence => sequence.Length > 0).Select(Encoding.UTF8.GetBytes))
        {
            if (container is not ContainerKind.Tgi && text.IndexOf(sequence) is var at and >= 0)
            {
                return at;
            }

            if (container is ContainerKind.Tgi && text.EndsWith(sequence))
            {
                return text.Length;
            }
        }

        return null;
    }
}
