using System.Diagnostics.CodeAnalysis;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// The ten JumpStart models a deployment can choose from, each with the container of its latest catalogue entry: LMI for the two Mistral
/// models, TGI in the version of the last entry for all others.
/// </summary>
public static class ModelCatalogue
{
    private static readonly Version Tgi14 = new(1, 4, 0);
    private static readonly Version Tgi24 = new(2, 4, 0);

    /// <summary>All ten, in the order of the template's parameter.</summary>
    public static IReadOnlyList<JumpStartModel> All { get; } =
    [
        Falcon("huggingface-llm-falcon-7b-bf16", Tgi14, FalconTexts.Falcon7B),
        Falcon("huggingface-llm-falcon-7b-instruct-bf16", Tgi24, FalconTexts.Falcon7BInstruct),
        Falcon("huggingface-llm-falcon-40b-bf16", Tgi14, FalconTexts.Falcon40B),
        Falcon("huggingface-llm-falcon-40b-instruct-bf16", Tgi14, FalconTexts.Falcon40BInstruct),
        Falcon("huggingface-llm-falcon-180b-bf16", Tgi24, FalconTexts.Falcon180B),
        Falcon("huggingface-llm-falcon-180b-chat-bf16", Tgi24, FalconTexts.Falcon180BChat),
        Mistral("huggingface-llm-mistral-7b", MistralTexts.Mistral7B),
        Mistral("huggingface-llm-mistral-7b-instruct", MistralTexts.Mistral7BInstruct),
        new JumpStartModel
        {
            Id = "huggingface-llm-rinna-3-6b-instruction-ppo-bf16",
            Container = ContainerKind.Tgi,
            TgiVersion = Tgi14,
            EosText = "</s>",
            EosId = 3,
            VocabularySize = 32_000,
            Tokenizer = TokenizerKind.SentencePieceNewlineTag,
            Texts = RinnaTexts.Japanese36B,
        },
        new JumpStartModel
        {
            Id = "huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16",
            Container = ContainerKind.Tgi,
            TgiVersion = Tgi24,
            EosText = "</s>",
            EosId = 3,
            VocabularySize = 65_536,
            Tokenizer = TokenizerKind.SentencePiece,
            Texts = RinnaTexts.Bilingual4B,
        },
    ];

    /// <summary>The model of that id; false when it is none of the ten.</summary>
    public static bool TryFind(string id, [NotNullWhen(true)] out JumpStartModel? model)
    {
        model = All.FirstOrDefault(candidate => candidate.Id == id);
        return model is not null;
    }

    private static JumpStartModel Falcon(string id, Version tgiVersion, ModelTexts texts) => new()
    {
        Id = id,
        Container = ContainerKind.Tgi,
        TgiVersion = tgiVersion,
        EosText = "<|endoftext|>",
        EosId = 11,
        VocabularySize = 65_024,
        Tokenizer = TokenizerKind.ByteLevel,
        Texts = texts,
    };

    private static JumpStartModel Mistral(string id, ModelTexts texts) => new()
    {
        Id = id,
        Container = ContainerKind.Lmi,
        EosText = "</s>",
        EosId = 2,
        AddsBosToken = true,
        VocabularySize = 32_000,
        Tokenizer = TokenizerKind.SentencePiece,
        MaxInputTokens = 8191,
        MaxTotalTokens = 8192,
        Texts = texts,
    };
}
