namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// One of the JumpStart models the twin can stand in for: what its container is (kind, version, limits), how its tokenizer cuts text, and
/// what it has to say. Limits are the environment of the catalogue's last specification with a Text Generation Inference image.
/// </summary>
public sealed record JumpStartModel
{
    internal const int TgiDefaultMaxNewTokens = 100;
    internal const int LmiDefaultMaxNewTokens = 30;
    internal const int VllmDefaultMaxNewTokens = 16;

    /// <summary>The JumpStart model id.</summary>
    public required string Id { get; init; }

    /// <summary>The model server in the image; it decides the wire form.</summary>
    public required ContainerKind Container { get; init; }

    /// <summary>Version of Text Generation Inference (TGI) in the image; null exactly when the container is another.</summary>
    public Version? TgiVersion { get; init; }

    /// <summary>
    /// How many tokens continue a prompt when a request sets no limit: 100 from TGI 1.3 to 2.4, 30 from LMI, 16 from vLLM. A chat may have
    /// a limit of its own.
    /// </summary>
    public int DefaultMaxNewTokens => Container switch
    {
        ContainerKind.Lmi => LmiDefaultMaxNewTokens,
        ContainerKind.Vllm => VllmDefaultMaxNewTokens,
        _ => TgiDefaultMaxNewTokens,
    };

    /// <summary>Text of the special token that ends an answer.</summary>
    public required string EosText { get; init; }

    /// <summary>Id of the token that ends an answer. Falcon's and Mistral's are the tokenizers' own; rinna's is a stand-in.</summary>
    public required int EosId { get; init; }

    /// <summary>Whether the tokenizer puts a special token in front of the prompt, which then counts as one token of input.</summary>
    public bool AddsBosToken { get; init; }

    /// <summary>Ids of pieces lie below this.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Which texts have pieces of their own; everything else is spelt in byte tokens.</summary>
    public required TokenizerKind Tokenizer { get; init; }

    /// <summary>MAX_INPUT_LENGTH, in tokens.</summary>
    public required int MaxInputTokens { get; init; }

    /// <summary>MAX_TOTAL_TOKENS: prompt and answer together.</summary>
    public required int MaxTotalTokens { get; init; }

    /// <summary>What the model says.</summary>
    public required ModelTexts Texts { get; init; }
}
