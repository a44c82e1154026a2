using System.Text.Json;
using System.Text.Json.Nodes;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// The least value that a JSON Schema allows: <c>const</c>, the first of <c>enum</c>, the <c>default</c>, or by <c>type</c>; of an object
/// the required members, or all when none is required. <c>$ref</c> within the schema, the first of <c>anyOf</c>, <c>oneOf</c> and
/// <c>allOf</c>, <c>minimum</c>, <c>exclusiveMinimum</c>, <c>maximum</c>, <c>minItems</c>, <c>minLength</c> and <c>maxLength</c> are
/// followed; <c>pattern</c> and <c>format</c> are not.
/// </summary>
internal sealed class SchemaValue
{
    // A schema that refers to itself ends with null, at this depth or after so many values, whichever comes first.
    private const int MaxDepth = 16;
    private const int MaxValues = 1000;

    private const int MaxLength = 1000;

    private readonly JsonElement _root;
    private int _values;

    private SchemaValue(JsonElement root) => _root = root;

    /// <summary>The value as a model writes it: JSON with blanks, characters as they are.</summary>
    public static string Of(JsonElement schema) => JsonForm.Spoken(new SchemaValue(schema).Make(schema, 0));

    private JsonNode? Make(JsonElement schema, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object || depth == MaxDepth || ++_values > MaxValues)
        {
            return null;
        }

        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference) is { } referred)
        {
            return Make(referred, depth + 1);
        }

        if (schema.TryGetProperty("const", out var only) || First(schema, "enum", out only) || schema.TryGetProperty("default", out only))
        {
            return JsonNode.Parse(only.GetRawText());
        }

        if (First(schema, "anyOf", out var first) || First(schema, "oneOf", out first) || First(schema, "allOf", out first))
        {
            return Make(first, depth + 1);
        }

        return TypeOf(schema) switch
        {
            "object" => MakeObject(schema, depth),
            "array" => MakeArray(schema, depth),
            "integer" => MakeNumber(schema, 1),
            "number" => MakeNumber(schema, 1.5m),
            "boolean" => true,
            "string" => MakeText(schema),
            _ => null,
        };
    }

    private JsonObject MakeObject(JsonElement schema, int depth)
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
            value[property.Name] = Make(property.Value, depth + 1);
        }

        return value;
    }

    private JsonArray MakeArray(JsonElement schema, int depth)
    {
        var count = Math.Clamp(Int32(schema, "minItems") ?? 1, 0, MaxValues - Math.Min(_values, MaxValues));
        schema.TryGetProperty("items", out var items);
        return [.. Enumerable.Range(0, count).Select(_ => Make(items, depth + 1))];
    }

    private static JsonValue MakeNumber(JsonElement schema, decimal otherwise)
    {
        var value = Decimal(schema, "minimum") is { } minimum ? Math.Max(minimum, otherwise) : otherwise;
        value = Decimal(schema, "exclusiveMinimum") is { } below && value <= below ? below + 1 : value;
        value = Decimal(schema, "maximum") is { } maximum ? Math.Min(value, maximum) : value;
        return JsonValue.Create(value);
    }

    private static string MakeText(JsonElement schema)
    {
        var text = "text".PadRight(Math.Clamp(Int32(schema, "minLength") ?? 0, 0, MaxLength), '.');
        return text[..Math.Clamp(Int32(schema, "maxLength") ?? text.Length, 0, text.Length)];
    }

    private static string? TypeOf(JsonElement schema) =>
        First(schema, "type", out var type) || schema.TryGetProperty("type", out type)
            ? type.ValueKind is JsonValueKind.String ? type.GetString() : null
            : schema.TryGetProperty("properties", out _) ? "object" : null;

    private static bool First(JsonElement schema, string name, out JsonElement first)
    {
        first = schema.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array
            ? list.EnumerateArray().FirstOrDefault()
            : default;
        return first.ValueKind is not JsonValueKind.Undefined;
    }

    // A JSON pointer into the schema itself, such as #/$defs/city.
    private JsonElement? Resolve(JsonElement reference)
    {
        var at = _root;
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
