namespace LambdaStreamer.Catalogue;

/// <summary>One of the ten JumpStart models of AWS's blog post, as far as a relay has to know it.</summary>
public sealed record JumpStartModel
{
    public required string Id { get; init; }

    /// <summary>The container that JumpStart deploys for it speaks the messages API; otherwise only generate.</summary>
    public bool SpeaksChat { get; init; }

    public required ChatTemplate Template { get; init; }
}
