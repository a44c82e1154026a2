using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// An object of a request's body by the names that mean something here; others are ignored, because clients add new ones. Of a member that
/// stands there twice the last one counts.
/// </summary>
internal sealed class RequestObject
{
    private readonly string[] _names;
    private readonly RequestValue[] _values;

    private RequestObject(string[] names)
    {
        _names = names;
        _values = new RequestValue[names.Length];
    }

    public RequestValue this[string name] => _values[Array.IndexOf(_names, name)];

    /// <summary>Reads a body to its end.</summary>
    /// <exception cref="RequestProblemException">It is no JSON object.</exception>
    public static RequestObject Parse(ReadOnlyMemory<byte> body, string[] names)
    {
        if (body.Span.StartsWith("\uFEFF"u8))
        {
            // A byte order mark, as some editors on Windows put in front of a file.
            body = body["\uFEFF"u8.Length..];
        }

        if (body.IsEmpty)
        {
            throw new RequestProblemException(null, "The request has no body; a JSON object is expected.");
        }

        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var type = reader.TokenType;
            reader.Skip();
            var value = new RequestValue(body, start, (int)reader.BytesConsumed - start, type, "");

            // Throws when anything follows the value.
            reader.Read();
            return type == JsonTokenType.StartObject
                ? Read(value, names)
                : throw new RequestProblemException(null, "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new RequestProblemException(
                null, $"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }

    public static RequestObject Read(RequestValue value, string[] names)
    {
        var members = new RequestObject(names);
        var prefix = value.Param.Length == 0 ? "" : $"{value.Param}.";
        for (var i = 0; i < names.Length; i++)
        {
            members._values[i] = new RequestValue(value.Body, 0, 0, JsonTokenType.None, prefix + names[i]);
        }

        if (value.IsAbsent)
        {
            return members;
        }

        var reader = new Utf8JsonReader(value.Raw);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = IndexOf(ref reader, names);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var type = reader.TokenType;
            reader.Skip();
            if (index >= 0)
            {
                var length = (int)reader.BytesConsumed - start;
                members._values[index] = members._values[index] with { Start = value.Start + start, Length = length, Type = type };
            }
        }

        return members;
    }

    private static int IndexOf(ref Utf8JsonReader reader, string[] names)
    {
        try
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (reader.ValueTextEquals(names[i]))
                {
                    return i;
                }
            }
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which JSON's grammar allows. It is none of the names.
        }

        return -1;
    }
}
