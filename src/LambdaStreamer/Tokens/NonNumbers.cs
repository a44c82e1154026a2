namespace LambdaStreamer.Tokens;

/// <summary>
/// The three words that JSON does not have and that Python's <c>json.dumps</c> writes for floats that are no numbers (<c>NaN</c>,
/// <c>Infinity</c>, <c>-Infinity</c>; CPython, <c>Lib/json/encoder.py</c>, <c>allow_nan</c>). A log probability is one now and then.
/// </summary>
internal static class NonNumbers
{
    private static ReadOnlySpan<byte> Null => "null"u8;

    /// <summary>Copies <paramref name="json"/> with <c>null</c> for each of them outside strings.</summary>
    /// <returns>False when there was none, and nothing is gained by reading the copy.</returns>
    public static bool TryReplace(ReadOnlySpan<byte> json, ByteBuffer copy)
    {
        copy.Clear();
        var isReplaced = false;
        while (!json.IsEmpty)
        {
            var begin = json.IndexOfAny("\"NI-"u8);
            copy.Append(begin < 0 ? json : json[..begin]);
            json = begin < 0 ? default : json[begin..];
            var length = json.IsEmpty ? 0 : LengthOf(json);
            if (length > 0)
            {
                copy.Append(Null);
                isReplaced = true;
            }
            else if (!json.IsEmpty)
            {
                length = json[0] == '"' ? LengthOfString(json) : 1;
                copy.Append(json[..length]);
            }

            json = json[length..];
        }

        return isReplaced;
    }

    private static int LengthOf(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8) ? "NaN".Length
        : json.StartsWith("Infinity"u8) ? "Infinity".Length
        : json.StartsWith("-Infinity"u8) ? "-Infinity".Length
        : 0;

    /// <summary>With its quotation marks; all that is left when the closing one is missing.</summary>
    private static int LengthOfString(ReadOnlySpan<byte> json)
    {
        var length = 1;
        while (json[length..].IndexOfAny((byte)'"', (byte)'\\') is var next and >= 0)
        {
            length += next + 1;
            if (json[length - 1] == '"')
            {
                return length;
            }

            // What is escaped ends nothing.
            length = Math.Min(length + 1, json.Length);
        }

        return json.Length;
    }
}
