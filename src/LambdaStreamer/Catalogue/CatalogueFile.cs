using System.Text.Json.Serialization;

namespace LambdaStreamer.Catalogue;

/// <summary>The embedded catalogue file. Members it does not map (<c>comment</c>) say where the data comes from.</summary>
/// <remarks>
/// Generated code sets an <c>init</c> member that the file lacks to null or zero, whatever its initialiser says: the file must have every
/// member that is not nullable.
/// </remarks>
internal sealed record CatalogueFile(IReadOnlyList<JumpStartModel> Models);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CatalogueFile))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
