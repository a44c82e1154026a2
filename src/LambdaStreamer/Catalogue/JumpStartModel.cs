using System.Text.Json.Serialization;
using LambdaStreamer.Text;

namespace LambdaStreamer.Catalogue;

/// <summary>One of the ten JumpStart models of AWS's blog post, as far as a relay and its twin have to know it. Immutable.</summary>
public sealed record JumpStartModel
{
    public required string Id { get; init; }

    public string Family { get; init; } = "";

    public ModelKind Kind { get; init; }

    /// <summary>Their number, as the model's name has it: <c>7B</c>.</summary>
    public string Parameters { get; init; } = "";

    public string Licence { get; init; } = "";

    /// <summary>What the licence forbids that a deployment here may well do; null when nothing.</summary>
    public string? LicenceNote { get; init; }

    /// <summary>The repository on the Hugging Face Hub with the same weights.</summary>
    public string HubId { get; init; } = "";

    /// <summary>The container of the newest JumpStart version.</summary>
    public ContainerKind Container { get; init; }

    /// <summary>Its version; null where it is not known.</summary>
    public string? ContainerVersion { get; init; }

    /// <summary>Version of Text Generation Inference in the last JumpStart version that has it.</summary>
    public string LastTgiVersion { get; init; } = "";

    /// <summary>On which JumpStart deploys the newest version.</summary>
    public string DefaultInstanceType { get; init; } = "";

    /// <summary>MAX_INPUT_LENGTH of the last TGI version, in tokens.</summary>
    public int MaxInputTokens { get; init; }

    /// <summary>MAX_TOTAL_TOKENS of the last TGI version: prompt and answer together.</summary>
    public int MaxTotalTokens { get; init; }

    /// <summary>
    /// The container that JumpStart deploys for it speaks the messages API, and the model has a chat template; otherwise only generate. Not
    /// true of a deployment with the last TGI version instead.
    /// </summary>
    public bool SpeaksChat { get; init; }

    /// <summary>Tokens that are no text of an answer. The first one ends it.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>What the model reads and writes for a line end; empty when that is LF.</summary>
    public string NewlineMarker { get; init; } = "";

    public required ChatTemplate Template { get; init; }

    /// <summary><see cref="SpecialTokens"/> and <see cref="NewlineMarker"/> as the data path wants them.</summary>
    [JsonIgnore]
    public ModelMarkup Markup { get; init; } = ModelMarkup.None;
}
