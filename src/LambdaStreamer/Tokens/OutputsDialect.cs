using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// LMI's old static batch: <c>{"outputs": ["text", …]}</c> a line, or <c>{"outputs": "text"}</c>. It tells neither ids nor an end.
/// </summary>
internal static class OutputsDialect
{
    /// <summary>Reads the current member if it is this dialect's. Several strings are one text.</summary>
    public static bool TryRead(
        scoped ReadOnlySpan<byte> name, scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (!name.SequenceEqual("outputs"u8))
        {
            return false;
        }

        parts |= ObjectParts.Outputs;
        token.IsEndedByBody = true;
        if (line.Type == JsonTokenType.StartArray)
        {
            token.Text = line.JoinedTexts(out var count);
            token.Count = count;
        }
        else
        {
            token.Text = line.Text();
            token.Count = 1;
        }

        return true;
    }
}
