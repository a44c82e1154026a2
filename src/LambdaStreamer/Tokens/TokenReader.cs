using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// Reads the lines of a container's answer as tokens. Owns the scratch space for unescaped text; one reader serves one stream.
/// The dialect is recognised object by object, so a container may mix what it likes. Allocates nothing per line, and holds at most twice
/// the longest line (the pool's arrays have powers of two); as much again after a line that <see cref="NonNumbers"/> had to mend.
/// </summary>
/// <param name="dialect">The only one to read, if it is known: objects of others are unknown then. Error objects are always read.</param>
public sealed class TokenReader(Dialect dialect = Dialect.Recognised) : IDisposable
{
    private readonly ByteBuffer _unescaped = new();
    private readonly ByteBuffer _replaced = new();
    private bool _isBegun;

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    private static ReadOnlySpan<byte> Blanks => " \t\r"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>What <paramref name="line"/> (without its line end) says. Spans of the token are valid until the next call.</summary>
    public Token Read(ReadOnlySpan<byte> line)
    {
        var token = new Token();
        if (!TryGetData(line, out var data))
        {
            return token;
        }

        if (data.SequenceEqual(Done))
        {
            // Says that nothing follows, not that nothing is missing: only a finish reason does.
            return new Token { Kind = TokenKind.Update };
        }

        if (!TryRead(data, ref token) && NonNumbers.TryReplace(data, _replaced))
        {
            TryRead(_replaced.Unread, ref token);
        }

        _isBegun |= token.Kind == TokenKind.Token;
        return token;
    }

    public void Dispose()
    {
        _unescaped.Dispose();
        _replaced.Dispose();
    }

    /// <returns>False when the data is no JSON; then, as with a member of the wrong type, the token is malformed.</returns>
    private bool TryRead(ReadOnlySpan<byte> data, ref Token token)
    {
        token = new Token();
        try
        {
            TokenObject.Read(data, _unescaped.GetSpan(data.Length), dialect, _isBegun, ref token);
            return true;
        }
        catch (JsonException)
        {
            token = new Token { Kind = TokenKind.Malformed };
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // Utf8JsonReader's other ways of saying "not what was announced": a member of another type (or half a surrogate pair), a
            // number out of range.
            token = new Token { Kind = TokenKind.Malformed };
            return true;
        }
    }

    /// <summary>
    /// The payload of an SSE <c>data</c> line, or a bare JSON line. WHATWG HTML, "Interpreting an event stream": a line that starts with a
    /// colon is a comment; a byte order mark may open the stream. The value loses all blanks around it, not one leading space alone, as
    /// they mean nothing around JSON. Containers write one event a line, so no blank line is awaited. What is no field of an event stream
    /// is taken for JSON, so that a page or a message in plain words is not passed over.
    /// </summary>
    private static bool TryGetData(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> data)
    {
        if (line.StartsWith("data:"u8))
        {
            data = line["data:"u8.Length..].Trim(Blanks);
            return !data.IsEmpty;
        }

        data = line.Trim(Blanks);
        if (line is [(byte)'{', ..])
        {
            return true;
        }

        if (line.StartsWith(ByteOrderMark))
        {
            return TryGetData(line[ByteOrderMark.Length..], out data);
        }

        return !(data.IsEmpty || line[0] == ':' || IsField(line, "event"u8) || IsField(line, "id"u8)
            || IsField(line, "retry"u8) || IsField(line, "data"u8));
    }

    /// <summary>A field by itself has an empty value.</summary>
    private static bool IsField(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.StartsWith(name) && (line.Length == name.Length || line[name.Length] == ':');
}
