using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// One value of a request's body, still the JSON that the caller wrote, and its place in OpenAI's notation. The body was read to its end
/// before, so it is known to be JSON. What has the wrong type or is out of range is refused by <see cref="RequestProblemException"/>.
/// </summary>
/// <param name="Body">The whole body.</param>
/// <param name="Start">Of the value, in bytes of the body.</param>
/// <param name="Length">Of the value, in bytes; 0 for a member that is not there.</param>
/// <param name="Type">Of the value's first token; none for a member that is not there.</param>
/// <param name="Param">OpenAI's <c>param</c>.</param>
internal readonly record struct RequestValue(ReadOnlyMemory<byte> Body, int Start, int Length, JsonTokenType Type, string Param)
{
    /// <summary>Not there, or null.</summary>
    public bool IsAbsent => Type is JsonTokenType.None or JsonTokenType.Null;

    public ReadOnlySpan<byte> Raw => Body.Span.Slice(Start, Length);

    /// <summary>Null when absent.</summary>
    public string? Text()
    {
        Expect(JsonTokenType.String, "a string");
        try
        {
            return IsAbsent ? null : Reader().GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which JSON's grammar allows, or bytes that are no UTF-8.
            throw Wrong("Unicode text");
        }
    }

    /// <summary>Null when absent.</summary>
    public bool? Boolean()
    {
        if (!IsAbsent && Type is not (JsonTokenType.True or JsonTokenType.False))
        {
            throw Wrong("true or false");
        }

        return IsAbsent ? null : Type == JsonTokenType.True;
    }

    /// <summary>Null when absent.</summary>
    public double? Number(double min, double max)
    {
        Expect(JsonTokenType.Number, "a number");
        if (IsAbsent)
        {
            return null;
        }

        return Reader().TryGetDouble(out var number) && number >= min && number <= max
            ? number
            : throw Wrong($"a number from {min} to {max}");
    }

    /// <summary>Null when absent.</summary>
    public long? Integer(long min, long max)
    {
        Expect(JsonTokenType.Number, "a whole number");
        if (IsAbsent)
        {
            return null;
        }

        return Reader().TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw Wrong(max < long.MaxValue ? $"a whole number from {min} to {max}" : "a whole number of 64 bits");
    }

    /// <summary>The members that <paramref name="names"/> lists; the others are passed over.</summary>
    public RequestObject Object(string[] names)
    {
        Expect(JsonTokenType.StartObject, "an object");
        return RequestObject.Read(this, names);
    }

    /// <summary>An array's elements, none when absent.</summary>
    public IEnumerable<RequestValue> Elements()
    {
        Expect(JsonTokenType.StartArray, "an array");
        return IsAbsent ? [] : Walk();
    }

    /// <summary>An array or an object without anything in it, or no value at all.</summary>
    public bool IsEmpty =>
        IsAbsent || (Type is JsonTokenType.StartArray or JsonTokenType.StartObject && Raw[1..^1].Trim(" \t\r\n"u8).IsEmpty);

    public RequestProblemException Wrong(string expected) => new(Param, $"{Param} must be {expected}.");

    public void Expect(JsonTokenType type, string expected)
    {
        if (!IsAbsent && Type != type)
        {
            throw Wrong(expected);
        }
    }

    private IEnumerable<RequestValue> Walk()
    {
        var position = Start + 1;
        for (var index = 0; TryReadElement(ref position, index, out var element); index++)
        {
            yield return element;
        }
    }

    private bool TryReadElement(ref int position, int index, out RequestValue element)
    {
        var rest = Body.Span[position..];
        var before = rest.IndexOfAnyExcept(" \t\r\n,"u8);
        if (rest[before] == ']')
        {
            element = default;
            return false;
        }

        // Not final: what follows the element belongs to the array.
        var reader = new Utf8JsonReader(rest[before..], isFinalBlock: false, state: default);
        reader.Read();
        var type = reader.TokenType;
        reader.TrySkip();
        element = new(Body, position + before, (int)reader.BytesConsumed, type, $"{Param}[{index}]");
        position += before + element.Length;
        return true;
    }

    private Utf8JsonReader Reader()
    {
        var reader = new Utf8JsonReader(Raw);
        reader.Read();
        return reader;
    }
}
