namespace LambdaStreamer.Catalogue;

/// <summary>The model servers of the images that JumpStart deploys.</summary>
public enum ContainerKind
{
    /// <summary>Text Generation Inference.</summary>
    Tgi,

    /// <summary>DJL Large Model Inference.</summary>
    Lmi,
}
