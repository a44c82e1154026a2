namespace LambdaStreamer.LocalHost.Models;

/// <summary>The model servers of the images; each has a dialect, defaults and a way to end an answer of its own.</summary>
public enum ContainerKind
{
    /// <summary>Text Generation Inference.</summary>
    Tgi,

    /// <summary>DJL Large Model Inference (LMI) with asynchronous vLLM, as in djl-inference 0.36.0-lmi20.</summary>
    Lmi,

    /// <summary>vLLM's own server, as in the vLLM images for SageMaker. No catalogue entry of the ten has it.</summary>
    Vllm,
}
