using System.Text.Json;
using System.Text.Json.Nodes;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// The least value that a JSON Schema allows: <c>const</c>, the first of <c>enum</c>, the <c>default</c>, or by <c>type</c>; of an object
/// the required members, or all when none is required. <c>$ref</c> within the schema, the first of <c>anyOf</c>, <c>oneOf</c> and
/// <c>allOf</c>, <c>minimum</c>, <c>exclusiveMinimum</c>, <c>minItems</c>, <c>minLength</c> and <c>maxLength</c> are followed;
/// <c>pattern</c> and <c>format</c> are not.
/// </summary>
internal static class SchemaValue
{
    // Deeper than any tool's arguments; a schema that refers to itself ends here with null.
    private const int MaxDepth = 16;

    private const int MaxItems = 100;
    private const int MaxLength = 1000;

    /// <summary>The value as a model writes it: JSON with blanks, characters as they are.</summary>
    public static string Of(JsonElement schema) => JsonForm.Spoken(Of(schema, schema, 0));

    private static JsonNode? Of(JsonElement schema, JsonElement root, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object || depth == MaxDepth)
        {
            return null;
        }

        if (schema.TryGetProperty("$ref", out var reference) && Resolve(root, reference) is { } referred)
        {
            return Of(referred, root, depth + 1);
        }

        if (schema.TryGetProperty("const", out var only) || First(schema, "enum", out only) || schema.TryGetProperty("default", out only))
        {
            return JsonNode.Parse(only.GetRawText());
        }

        if (First(schema, "anyOf", out var first) || First(schema, "oneOf", out first) || First(schema, "allOf", out first))
        {
            return Of(first, root, depth + 1);
        }

        return TypeOf(schema) switch
        {
            "object" => OfObject(schema, root, depth),
            "array" => OfArray(schema, root, depth),
            "integer" => OfNumber(schema, 1),
            "number" => OfNumber(schema, 1.5m),
            "boolean" => true,
            "string" => OfText(schema),
            _ => null,
        };
    }

    private static string? TypeOf(JsonElement schema) =>
        First(schema, "type", out var type) || schema.TryGetProperty("type", out type)
            ? type.ValueKind is JsonValueKind.String ? type.GetString() : null
            : schema.TryGetProperty("properties", out _) ? "object" : null;

    private static JsonObject OfObject(JsonElement schema, JsonElement root, int depth)
    {
        var value = new JsonObject();
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind is not JsonValueKind.Object)
        {
            return value;
        }

        var required = schema.TryGetProperty("required", out var names) && names.ValueKind is JsonValueKind.Array
            ? names.EnumerateArray().Select(name => name.ToString()).ToHashSet()
            : [];
        foreach (var property in properties.EnumerateObject().Where(property => required.Count == 0 || required.Contains(property.Name)))
        {
            value[property.Name] = Of(property.Value, root, depth + 1);
        }

        return value;
    }

    private static JsonArray OfArray(JsonElement schema, JsonElement root, int depth)
    {
        var count = Math.Min(Int32(schema, "minItems") ?? 1, MaxItems);
        schema.TryGetProperty("items", out var items);
        return [.. Enumerable.Range(0, Math.Max(0, count)).Select(_ => Of(items, root, depth + 1))];
    }

    private static JsonValue OfNumber(JsonElement schema, decimal otherwise)
    {
        var value = Decimal(schema, "minimum") is { } minimum ? Math.Max(minimum, otherwise) : otherwise;
        value = Decimal(schema, "exclusiveMinimum") is { } below && value <= below ? below + 1 : value;
        value = Decimal(schema, "maximum") is { } maximum ? Math.Min(value, maximum) : value;
        return JsonValue.Create(value);
    }

    private static string OfText(JsonElement schema)
    {
        var text = "text".PadRight(Math.Clamp(Int32(schema, "minLength") ?? 0, 0, MaxLength), '.');
        return text[..Math.Clamp(Int32(schema, "maxLength") ?? text.Length, 0, text.Length)];
    }

    private static bool First(JsonElement schema, string name, out JsonElement first)
    {
        first = schema.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array
            ? list.EnumerateArray().FirstOrDefault()
            : default;
        return first.ValueKind is not JsonValueKind.Undefined;
    }

    // A JSON pointer into the schema itself, such as #/$defs/city.
    private static JsonElement? Resolve(JsonElement root, JsonElement reference)
    {
        var at = root;
        foreach (var name in reference.ToString().Split('/').Skip(1))
        {
            if (at.ValueKind is not JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }

    private static int? Int32(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;

    private static decimal? Decimal(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var number)
            ? number
            : null;
}
