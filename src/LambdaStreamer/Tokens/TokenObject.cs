using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// One JSON object of a container's answer. Each member is given to the dialect it belongs to as it comes, so an object is read once, in
/// whatever order its members stand; unknown members are skipped.
/// </summary>
/// <remarks>
/// A wrong type makes a line malformed only where text could be lost by it or told wrongly (<c>token</c>, <c>choices</c>, <c>outputs</c>,
/// any text or id); in what merely accompanies text, counts included, it counts as absent.
/// </remarks>
internal static class TokenObject
{
    /// <param name="json">The line's JSON.</param>
    /// <param name="unescaped">Scratch space, at least as long.</param>
    /// <param name="dialect">What to read; objects of other dialects are unknown, error objects never.</param>
    /// <param name="isBegun">The stream had tokens before: a whole text is then their repetition and no text of its own.</param>
    /// <param name="token">Empty; receives what the object says.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">A member that carries text or an id has another type.</exception>
    /// <exception cref="FormatException">A number is out of range.</exception>
    public static void Read(ReadOnlySpan<byte> json, Span<byte> unescaped, Dialect dialect, bool isBegun, ref Token token)
    {
        var line = new JsonLine(json, unescaped);
        line.Read();

        // A buffered generate answer is an array of one object. Of several, none is read: an answer may not be picked at random.
        var isArray = line.Type == JsonTokenType.StartArray && line.Read();
        token.Kind = TokenKind.Unknown;
        if (line.Type != JsonTokenType.StartObject)
        {
            line.ReadToEnd();
            return;
        }

        var parts = ReadMembers(ref line, dialect, ref token);
        if (isArray && line.ReadElement())
        {
            line.ReadToEnd();
            token = new Token { Kind = TokenKind.Unknown };
            return;
        }

        // Throws when anything follows the object: half of a second event glued on would otherwise be lost.
        line.ReadToEnd();
        if (ErrorObject.TryComplete(parts, isBegun, ref token))
        {
            return;
        }

        if ((parts & (ObjectParts.Token | ObjectParts.Outputs)) != 0)
        {
            token.Dialect = (parts & ObjectParts.Token) != 0 ? Dialect.Generate : Dialect.Outputs;
            token.Kind = token.Count > 0 || !token.Text.IsEmpty ? TokenKind.Token : TokenKind.Update;
        }
        else if ((parts & ObjectParts.GeneratedText) != 0)
        {
            token.Dialect = Dialect.Generate;
            GenerateDialect.CompleteWithoutToken(line.TextOf(token.GeneratedText), isBegun, ref token);
        }
        else if ((parts & (ObjectParts.Choices | ObjectParts.Usage)) != 0)
        {
            token.Dialect = (parts & ObjectParts.Chat) != 0 ? Dialect.Chat : Dialect.Completions;
            OpenAIDialect.Complete(parts, dialect, isBegun, ref token);
        }
        else
        {
            token = new Token { Kind = TokenKind.Unknown };
        }
    }

    private static ObjectParts ReadMembers(scoped ref JsonLine line, Dialect dialect, scoped ref Token token)
    {
        var readsGenerate = dialect is Dialect.Recognised or Dialect.Generate;
        var readsOpenAI = dialect is Dialect.Recognised or Dialect.Chat or Dialect.Completions;
        var readsOutputs = dialect is Dialect.Recognised or Dialect.Outputs;
        var parts = ObjectParts.None;
        while (line.ReadMember(out var name))
        {
            if ((readsGenerate && GenerateDialect.TryRead(name, ref line, ref parts, ref token))
                || (readsOpenAI && OpenAIDialect.TryRead(name, ref line, ref parts, ref token))
                || (readsOutputs && OutputsDialect.TryRead(name, ref line, ref parts, ref token))
                || ErrorObject.TryRead(name, ref line, ref parts, ref token))
            {
                continue;
            }

            line.Skip();
        }

        return parts;
    }
}
