namespace LambdaStreamer.LocalHost.Models;

/// <summary>The model servers of the ten images; each has a dialect, defaults and a way to end an answer of its own.</summary>
public enum ContainerKind
{
    /// <summary>Text Generation Inference.</summary>
    Tgi,

    /// <summary>DJL Large Model Inference (LMI) with asynchronous vLLM, as in djl-inference 0.36.0-lmi20.</summary>
    Lmi,
}
