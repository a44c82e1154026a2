using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// Reads the lines of a container's answer as tokens. Owns the scratch space for unescaped text; one reader serves one stream.
/// The dialect is recognised object by object, so a container may mix what it likes. Allocates nothing per line.
/// </summary>
public sealed class TokenReader : IDisposable
{
    private readonly ByteBuffer _unescaped = new();

    /// <summary>What <paramref name="line"/> (without its line end) says. Spans of the token are valid until the next call.</summary>
    public Token Read(ReadOnlySpan<byte> line)
    {
        _unescaped.Clear();
        var token = new Token();
        if (!TryGetData(line, out var json))
        {
            return token;
        }

        try
        {
            GenerateDialect.Read(json, _unescaped, ref token);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // Utf8JsonReader's three ways of saying "not what was announced": bad JSON, a member of another type (or half a
            // surrogate pair), a number out of range.
            token = new Token { Kind = TokenKind.Malformed };
        }

        return token;
    }

    public void Dispose() => _unescaped.Dispose();

    /// <summary>
    /// The payload of an SSE <c>data</c> line, or a bare JSON line. WHATWG HTML, "Interpreting an event stream": a line that starts with a
    /// colon is a comment; the field's value loses one leading space at most. Containers write one event a line, so no blank line is
    /// awaited.
    /// </summary>
    private static bool TryGetData(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> data)
    {
        if (line.StartsWith("data:"u8))
        {
            data = line["data:"u8.Length..];
            if (data is [(byte)' ', ..])
            {
                data = data[1..];
            }

            return !data.IsEmpty;
        }

        data = line;
        return line is [(byte)'{', ..];
    }
}
