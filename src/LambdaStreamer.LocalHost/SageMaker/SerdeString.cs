using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// Strings as Rust's serde writes them: it escapes what JSON demands (RFC 8259, 7) and nothing else. Every encoder of System.Text.Json
/// escapes characters outside the basic plane, and a stream in which an emoji is twelve ASCII bytes tests nobody's UTF-8.
/// </summary>
internal static class SerdeString
{
    public static void WriteSerdeString(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        json.WritePropertyName(name);
        json.WriteSerdeStringValue(text);
    }

    public static void WriteSerdeStringValue(this Utf8JsonWriter json, string text) =>
        json.WriteRawValue(Quote(text), skipInputValidation: true);

    /// <summary>The JSON of <paramref name="text"/>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }
}
