using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>The ways in which the containers and their models write the same JSON.</summary>
internal static class JsonForm
{
    /// <summary>No blanks, characters as they are: Rust's serde and Python's pydantic.</summary>
    public static string Compact(JsonNode? node) => Write(node, ",", ":", SerdeString.Quote);

    /// <summary>Blanks, and everything but printable ASCII escaped: Python's <c>json.dumps</c>.</summary>
    public static string Python(JsonNode? node) => Write(node, ", ", ": ", LmiString.Quote);

    /// <summary>Blanks, and characters as they are: what models write.</summary>
    public static string Spoken(JsonNode? node) => Write(node, ", ", ": ", SerdeString.Quote);

    private static string Write(JsonNode? node, string comma, string colon, Func<string, string> quote)
    {
        var text = new StringBuilder();
        Append(node);
        return text.ToString();

        void Append(JsonNode? value)
        {
            switch (value)
            {
                case JsonObject members:
                    AppendAll('{', members, member =>
                    {
                        text.Append(quote(member.Key)).Append(colon);
                        Append(member.Value);
                    }, '}');
                    break;
                case JsonArray items:
                    AppendAll('[', items, Append, ']');
                    break;
                case JsonValue scalar when scalar.GetValueKind() is JsonValueKind.String:
                    text.Append(quote(scalar.GetValue<string>()));
                    break;
                default:
                    text.Append(value?.ToJsonString() ?? "null");
                    break;
            }
        }

        void AppendAll<T>(char open, IEnumerable<T> items, Action<T> append, char close)
        {
            text.Append(open);
            var isFirst = true;
            foreach (var item in items)
            {
                text.Append(isFirst ? "" : comma);
                isFirst = false;
                append(item);
            }

            text.Append(close);
        }
    }
}
