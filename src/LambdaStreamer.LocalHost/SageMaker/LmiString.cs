using System.Globalization;
using System.Text;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// Strings as Python's <c>json.dumps</c> writes them by default: everything but printable ASCII is escaped. Whether LMI keeps to that
/// default is unconfirmed; a reader must understand characters in either form.
/// </summary>
internal static class LmiString
{
    /// <summary>The JSON of <paramref name="text"/>; a character outside the basic plane becomes two escapes.</summary>
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
                < ' ' or > '~' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }
}
