using System.Text.Json;
using LambdaStreamer.Catalogue;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Tokens;

namespace LambdaStreamer;

/// <summary>
/// Reads <c>MODELS</c>: a JSON array of <c>{"id", "endpoint", "inferenceComponent"?, "jumpStartModelId"?, "dialect"?, "api"?}</c>. The
/// first is the one for requests that name none.
/// </summary>
internal static class ServedModels
{
    private const string Variable = "MODELS";
    private const int MaxCount = 100;
    /// <summary>Characters of a model's name.</summary>
    public const int MaxIdLength = 256;

    /// <summary>Empty when something is wrong; <paramref name="errors"/> then says what.</summary>
    public static IReadOnlyList<ServedModel> Parse(string json, ICollection<string> errors)
    {
        var errorsBefore = errors.Count;
        var models = new List<ServedModel>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() is 0 or > MaxCount)
            {
                errors.Add($"{Variable} must be a JSON array of 1 to {MaxCount} objects.");
                return [];
            }

            foreach (var entry in document.RootElement.EnumerateArray())
            {
                if (Read(entry, models.Count, errors) is not { } model)
                {
                    continue;
                }

                if (models.Exists(other => other.Id == model.Id))
                {
                    errors.Add($"{Variable} has the id '{model.Id}' twice.");
                }

                models.Add(model);
            }
        }
        catch (JsonException e)
        {
            errors.Add($"{Variable} is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }

        return errors.Count > errorsBefore ? [] : models;
    }

    /// <summary>What is known of a model by its JumpStart id decides what a container takes, unless it is told.</summary>
    public static EndpointApi ApiOf(JumpStartModel? jumpStart) =>
        jumpStart is null or { SpeaksChat: true } ? EndpointApi.Both : EndpointApi.Generate;

    private static ServedModel? Read(JsonElement entry, int index, ICollection<string> errors)
    {
        var place = $"{Variable}[{index}]";
        if (entry.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{place} must be an object.");
            return null;
        }

        string? id = null, endpoint = null, component = null, jumpStartId = null, dialect = null, api = null;
        foreach (var member in entry.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
            {
                errors.Add($"{place}.{member.Name} must be a string.");
                return null;
            }

            var value = member.Value.GetString()!;
            switch (member.Name)
            {
                case "id":
                    id = value;
                    break;
                case "endpoint":
                    endpoint = Name(value, place, member.Name, errors);
                    break;
                case "inferenceComponent":
                    component = Name(value, place, member.Name, errors);
                    break;
                case "jumpStartModelId":
                    jumpStartId = value;
                    break;
                case "dialect":
                    dialect = value;
                    break;
                case "api":
                    api = value;
                    break;
                default:
                    errors.Add($"{place} has the unknown member '{member.Name}'.");
                    break;
            }
        }

        if (id is not { Length: > 0 and <= MaxIdLength } || endpoint is null)
        {
            errors.Add($"{place} must have an \"id\" of 1 to {MaxIdLength} characters and an \"endpoint\".");
            return null;
        }

        JumpStartModel? jumpStart = null;
        if (jumpStartId is not null && !JumpStartCatalogue.TryFind(jumpStartId, out jumpStart))
        {
            errors.Add($"{place}.jumpStartModelId '{jumpStartId}' is none of the ten that are known here.");
        }

        return new ServedModel
        {
            Id = id,
            EndpointName = endpoint,
            InferenceComponentName = component,
            JumpStart = jumpStart,
            Dialect = Settings.Word($"{place}.dialect", dialect, Dialect.Recognised, errors),
            Api = Settings.Word($"{place}.api", api, ApiOf(jumpStart), errors),
        };
    }

    private static string? Name(string value, string place, string member, ICollection<string> errors)
    {
        if (!EndpointRequest.IsName(value, EndpointRequest.MaxNameLength))
        {
            errors.Add($"{place}.{member} must be a name of letters, digits and inner hyphens, at most {EndpointRequest.MaxNameLength}.");
        }

        return value;
    }
}
