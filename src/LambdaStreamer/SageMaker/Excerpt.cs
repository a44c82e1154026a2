using System.Text;

namespace LambdaStreamer.SageMaker;

/// <summary>Makes what a stranger sent fit for an error message: short, one line, visible characters only.</summary>
internal static class Excerpt
{
    private const int MaxBytes = 200;
    private const int MaxCharacters = 1000;

    /// <summary>The first bytes of a body nobody expected; everything but visible ASCII becomes <c>\xNN</c>.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(MaxBytes);
        foreach (var value in body[..Math.Min(body.Length, MaxBytes)])
        {
            if (value is >= 0x20 and < 0x7f)
            {
                text.Append((char)value);
            }
            else
            {
                text.Append("\\x").Append(value.ToString("x2", null));
            }
        }

        return body.Length > MaxBytes ? text.Append('…').ToString() : text.ToString();
    }

    /// <summary>A message the service wrote: kept readable in any language, control characters made blanks, the length capped.</summary>
    public static string Of(string message)
    {
        var kept = Math.Min(message.Length, MaxCharacters);
        if (kept < message.Length && char.IsHighSurrogate(message[kept - 1]))
        {
            kept--;
        }

        if (kept == message.Length && !message.Any(char.IsControl))
        {
            return message;
        }

        var text = new StringBuilder(kept + 1);
        foreach (var character in message.AsSpan(0, kept))
        {
            text.Append(char.IsControl(character) ? ' ' : character);
        }

        return kept < message.Length ? text.Append('…').ToString() : text.ToString();
    }
}
