using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Access;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.OpenAI;

/// <summary>The models behind this function, by the names that callers give them; and OpenAI's objects for them.</summary>
/// <param name="models">At least one.</param>
/// <param name="acceptsAnyModel">A name that is none of theirs stands for the first of them.</param>
/// <param name="created">Unix time in seconds, told for each of them: when a model was made is not known here.</param>
internal sealed class ModelList(IReadOnlyList<ServedModel> models, bool acceptsAnyModel, long created)
{
    private const string OwnedBy = "sagemaker";

    /// <summary>The model that answers a request.</summary>
    /// <param name="name">As the caller gave it; null for none, which will do where there is but one model.</param>
    /// <exception cref="RequestProblemException">OpenAI's 404 for an unknown name, 400 for a missing one.</exception>
    public ServedModel Choose(string? name)
    {
        if (name is { Length: > ServedModels.MaxIdLength })
        {
            // Each chunk repeats the name.
            throw new RequestProblemException(NotFound);
        }

        if (name is not null)
        {
            return Find(name) ?? (acceptsAnyModel ? models[0] : throw new RequestProblemException(NotFound));
        }

        return models.Count == 1
            ? models[0]
            : throw new RequestProblemException("model", "model is missing; GET /v1/models lists the models of this function.");
    }

    public ServedModel? Find(string name) => models.FirstOrDefault(model => model.Id == name);

    public static RelayError NotFound { get; } =
        RelayError.BadRequest(404, "The model does not exist; GET /v1/models lists the models of this function.") with
        {
            Param = "model",
            Code = "model_not_found",
        };

    /// <param name="key">Lists only what it opens; null for all.</param>
    /// <param name="output">Receives the object.</param>
    public void WriteAll(ApiKey? key, IBufferWriter<byte> output)
    {
        using var tokenJson = new TokenJson();
        var json = tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var model in models.Where(model => key?.Opens(model) != false))
        {
            Write(json, model);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    public void Write(ServedModel model, IBufferWriter<byte> output)
    {
        using var tokenJson = new TokenJson();
        var json = tokenJson.Begin(output);
        Write(json, model);
        json.Flush();
    }

    private void Write(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, created);
        json.WriteString("owned_by"u8, OwnedBy);
        json.WriteEndObject();
    }
}
