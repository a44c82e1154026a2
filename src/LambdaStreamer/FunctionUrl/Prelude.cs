using System.Diagnostics;
using System.Text.Json;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// The head of a streamed HTTP answer: JSON, then eight NUL, then the body (AWS Lambda Developer Guide, "Building a custom runtime"). The
/// Function URL's front end reads status, headers and cookies from it; an SDK caller gets it as part of the payload.
/// </summary>
public static class Prelude
{
    /// <summary>The content type that tells the front end that a prelude follows.</summary>
    public const string ContentType = "application/vnd.awslambda.http-integration-response";

    private static ReadOnlySpan<byte> Delimiter => [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>
    /// Writes the prelude. JSON escapes NUL, so the delimiter cannot occur in it; and no value can end its header, see
    /// <see cref="FieldValue"/>.
    /// </summary>
    public static void Write(ByteBuffer output, int status, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            WriteHead(json, status, headers);
            json.WriteEndObject();
        }

        output.Append(Delimiter);
    }

    /// <summary>The members <c>statusCode</c> and <c>headers</c>.</summary>
    internal static void WriteHead(Utf8JsonWriter json, int status, ReadOnlySpan<(string Name, string Value)> headers)
    {
        json.WriteNumber("statusCode"u8, status);
        json.WriteStartObject("headers"u8);
        foreach (var (name, value) in headers)
        {
            Debug.Assert(name.All(static letter => char.IsAsciiLetterLower(letter) || letter == '-'), "Names of headers are our own.");
            json.WriteString(name, FieldValue(value));
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// What RFC 9110, 5.5, forbids in a field's value (CR, LF, NUL, every other control character but the tab) or advises against (what is
    /// not ASCII) becomes a space, as that section has it.
    /// </summary>
    private static string FieldValue(string value) => value.All(IsAllowed)
        ? value
        : string.Create(value.Length, value, static (field, text) =>
        {
            for (var at = 0; at < field.Length; at++)
            {
                field[at] = IsAllowed(text[at]) ? text[at] : ' ';
            }
        });

    private static bool IsAllowed(char letter) => letter is '\t' or (>= ' ' and <= '~');
}
