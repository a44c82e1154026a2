using System.Text.Json;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// What a streaming runtime says before the body: status, headers, cookies. Only the four documented keys exist; <c>cookies</c> holds
/// whole Set-Cookie values.
/// </summary>
public sealed record Prelude
{
    public int StatusCode { get; init; } = 200;

    public IReadOnlyList<HeaderField> Headers { get; init; } = [];

    public IReadOnlyList<string> Cookies { get; init; } = [];

    /// <summary>Read and checked; API Gateway honours it, the Function URL front does not.</summary>
    public IReadOnlyList<HeaderField> MultiValueHeaders { get; init; } = [];

    /// <summary>
    /// Null when the JSON cannot be used at all; <paramref name="problems"/> also names what is tolerated but wrong.
    /// </summary>
    internal static Prelude? TryParse(ReadOnlyMemory<byte> json, out List<string> problems)
    {
        problems = [];
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return FromObject(document.RootElement, problems);
            }

            problems.Add("the prelude is not a JSON object");
        }
        catch (JsonException exception)
        {
            problems.Add($"the prelude is not JSON: {exception.Message}");
        }

        return null;
    }

    private static Prelude? FromObject(JsonElement root, List<string> problems)
    {
        var prelude = new Prelude();
        var usable = true;
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "statusCode" when property.Value.ValueKind == JsonValueKind.Number
                                       && property.Value.TryGetInt32(out var status) && status is >= 200 and <= 599:
                    prelude = prelude with { StatusCode = status };
                    break;
                case "headers" when Fields(property.Value, JsonValueKind.String) is { } headers:
                    prelude = prelude with { Headers = headers };
                    break;
                case "cookies" when Strings(property.Value) is { } cookies:
                    prelude = prelude with { Cookies = cookies };
                    break;
                case "multiValueHeaders" when Fields(property.Value, JsonValueKind.Array) is { } headers:
                    prelude = prelude with { MultiValueHeaders = headers };
                    break;
                case "statusCode" or "headers" or "cookies" or "multiValueHeaders":
                    problems.Add($"prelude key {property.Name} has the wrong type or value");
                    usable = false;
                    break;
                default:
                    problems.Add($"prelude key {property.Name} does not exist");
                    break;
            }
        }

        return usable ? prelude : null;
    }

    private static List<string>? Strings(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return null;
        }

        return [.. array.EnumerateArray().Select(item => item.GetString()!)];
    }

    private static List<HeaderField>? Fields(JsonElement value, JsonValueKind each)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var fields = new List<HeaderField>();
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != each)
            {
                return null;
            }

            var values = each == JsonValueKind.String ? [property.Value.GetString()!] : Strings(property.Value);
            if (values is null)
            {
                return null;
            }

            fields.AddRange(values.Select(item => new HeaderField(property.Name, item)));
        }

        return fields;
    }
}
