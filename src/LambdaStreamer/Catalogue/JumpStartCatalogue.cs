using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LambdaStreamer.Text;

namespace LambdaStreamer.Catalogue;

/// <summary>
/// The ten JumpStart models of AWS's blog post, from <c>jumpstart-models.json</c> in this assembly. The file is read when a model is first
/// asked for by a name that could be in it: a function that serves another model does not pay for it.
/// </summary>
public static class JumpStartCatalogue
{
    private const string FileName = "jumpstart-models.json";
    private const string IdPrefix = "huggingface-llm-";

    private static readonly Lazy<IReadOnlyList<JumpStartModel>> Models = new(Load);

    /// <summary>All ten, in the order of the blog post.</summary>
    public static IReadOnlyList<JumpStartModel> All => Models.Value;

    internal static bool IsLoaded => Models.IsValueCreated;

    /// <summary>The model of that id, letter for letter; false when it is none of the ten.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out JumpStartModel? model)
    {
        ArgumentNullException.ThrowIfNull(id);
        model = id.StartsWith(IdPrefix, StringComparison.Ordinal) ? All.FirstOrDefault(candidate => candidate.Id == id) : null;
        return model is not null;
    }

    private static IReadOnlyList<JumpStartModel> Load()
    {
        using var file = typeof(JumpStartCatalogue).Assembly.GetManifestResourceStream(FileName)!;
        return [.. JsonSerializer.Deserialize(file, CatalogueJson.Default.CatalogueFile)!.Models.Select(Complete)];
    }

    private static JumpStartModel Complete(JumpStartModel model) => model with
    {
        Markup = new ModelMarkup(model.SpecialTokens, model.NewlineMarker),
        Template = model.Template with { SpecialTokens = model.SpecialTokens, NewlineMarker = model.NewlineMarker },
    };
}
