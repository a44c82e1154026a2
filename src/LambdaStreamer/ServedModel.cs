using LambdaStreamer.Catalogue;
using LambdaStreamer.Tokens;

namespace LambdaStreamer;

/// <summary>A model behind this function, and how its container is spoken to.</summary>
public sealed record ServedModel
{
    /// <summary>Its name for callers (<c>model</c> in a request, <c>/v1/models</c>).</summary>
    public required string Id { get; init; }

    public required string EndpointName { get; init; }

    public string? InferenceComponentName { get; init; }

    /// <summary>What is known of it; null for a model that is none of JumpStart's ten.</summary>
    public JumpStartModel? JumpStart { get; init; }

    /// <summary>An override of what the container's answers tell.</summary>
    public Dialect Dialect { get; init; }

    public EndpointApi Api { get; init; }
}
