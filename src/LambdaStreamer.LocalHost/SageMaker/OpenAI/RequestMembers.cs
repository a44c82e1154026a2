using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>The members of a request by type; null is as good as absent, and another type is refused.</summary>
internal readonly struct RequestMembers(JsonElement json)
{
    public JsonElement? this[string name] =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null
            ? value
            : null;

    public bool Boolean(string name) => this[name] switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => throw new OpenAIException($"{name} must be true or false.", name),
    };

    public string? Text(string name) => this[name] switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw new OpenAIException($"{name} must be a string.", name),
    };

    public int? Int32(string name) => this[name] switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw new OpenAIException($"{name} must be a whole number.", name),
    };

    public double? Number(string name) => this[name] switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        _ => throw new OpenAIException($"{name} must be a number.", name),
    };

    public RequestMembers Object(string name) => this[name] switch
    {
        null => default,
        { ValueKind: JsonValueKind.Object } value => new RequestMembers(value),
        _ => throw new OpenAIException($"{name} must be an object.", name),
    };

    public JsonElement[] List(string name) => this[name] switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray()],
        _ => throw new OpenAIException($"{name} must be a list.", name),
    };

    /// <summary>A string or a list of strings, as <c>stop</c> may be.</summary>
    public string[] Strings(string name)
    {
        JsonElement[] values = this[name] is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()]
            : this[name] is { } one ? [one]
            : [];
        return values.All(value => value.ValueKind is JsonValueKind.String)
            ? [.. values.Select(value => value.GetString()!)]
            : throw new OpenAIException($"{name} must be a string or a list of strings.", name);
    }
}
