using System.Diagnostics.CodeAnalysis;
using LambdaStreamer.Catalogue;
using DeployedContainer = LambdaStreamer.Catalogue.ContainerKind;
using DeployedModel = LambdaStreamer.Catalogue.JumpStartModel;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// The ten models of <see cref="JumpStartCatalogue"/>, each in the container of its newest JumpStart version, and what only a twin has to
/// know of them: how a tokenizer cuts, and what a model says.
/// </summary>
public static class ModelCatalogue
{
    /// <summary>All ten, in the order of the template's parameter.</summary>
    public static IReadOnlyList<JumpStartModel> All { get; } = [.. JumpStartCatalogue.All.Select(Stage)];

    /// <summary>The model of that id; false when it is none of the ten.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out JumpStartModel? model)
    {
        model = All.FirstOrDefault(candidate => candidate.Id == id);
        return model is not null;
    }

    private static JumpStartModel Stage(DeployedModel model)
    {
        var (tokenizer, vocabularySize, eosId) = TokenizerOf(model);
        return new JumpStartModel
        {
            Id = model.Id,
            Container = model.Container is DeployedContainer.Lmi ? ContainerKind.Lmi : ContainerKind.Tgi,
            TgiVersion = model.Container is DeployedContainer.Tgi ? Version.Parse(model.ContainerVersion!) : null,
            EosText = model.SpecialTokens[0],
            EosId = eosId,
            AddsBosToken = model.Family == "Mistral",
            VocabularySize = vocabularySize,
            Tokenizer = tokenizer,
            MaxInputTokens = model.MaxInputTokens,
            MaxTotalTokens = model.MaxTotalTokens,
            Texts = TextsOf(model.Id),
        };
    }

    private static (TokenizerKind Kind, int VocabularySize, int EosId) TokenizerOf(DeployedModel model) => model.Family switch
    {
        "Falcon" => (TokenizerKind.ByteLevel, 65_024, 11),
        "Mistral" => (TokenizerKind.SentencePiece, 32_000, 2),
        _ when model.NewlineMarker.Length > 0 => (TokenizerKind.SentencePieceNewlineTag, 32_000, 3),
        _ => (TokenizerKind.SentencePiece, 65_536, 3),
    };

    private static ModelTexts TextsOf(string id) => id["huggingface-llm-".Length..] switch
    {
        "falcon-7b-bf16" => FalconTexts.Falcon7B,
        "falcon-7b-instruct-bf16" => FalconTexts.Falcon7BInstruct,
        "falcon-40b-bf16" => FalconTexts.Falcon40B,
        "falcon-40b-instruct-bf16" => FalconTexts.Falcon40BInstruct,
        "falcon-180b-bf16" => FalconTexts.Falcon180B,
        "falcon-180b-chat-bf16" => FalconTexts.Falcon180BChat,
        "mistral-7b" => MistralTexts.Mistral7B,
        "mistral-7b-instruct" => MistralTexts.Mistral7BInstruct,
        "rinna-3-6b-instruction-ppo-bf16" => RinnaTexts.Japanese36B,
        "bilingual-rinna-4b-instruction-ppo-bf16" => RinnaTexts.Bilingual4B,
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, "The twin has no texts for this model."),
    };
}
