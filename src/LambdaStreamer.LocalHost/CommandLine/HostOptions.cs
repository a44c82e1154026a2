using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>What to start, as the command line says it.</summary>
public sealed record HostOptions
{
    /// <summary>The model that answers, and the endpoint's name.</summary>
    public string ModelId { get; init; } = DefaultModelId;

    /// <summary>The blog post's first model.</summary>
    public const string DefaultModelId = "huggingface-llm-falcon-7b-instruct-bf16";

    /// <summary>The model is served by vLLM's own server, not by the container of its catalogue entry.</summary>
    public bool ServesWithVllm { get; init; }

    /// <summary>0 is any free port.</summary>
    public int FunctionUrlPort { get; init; }

    public int LambdaApiPort { get; init; }

    public int SageMakerPort { get; init; }

    public TimeSpan FirstTokenDelay { get; init; }

    public TimeSpan TokenDelay { get; init; }

    public int Seed { get; init; }

    public Fault? Fault { get; init; }

    public string? ReplayFile { get; init; }

    public Uri? Upstream { get; init; }

    /// <summary>A real endpoint in AWS instead of the built-in SageMaker.</summary>
    public string? RealEndpointName { get; init; }

    public string? InferenceComponentName { get; init; }

    public string? Profile { get; init; }

    public string? Region { get; init; }

    /// <summary>The published binary; null: the build that came with this program.</summary>
    public string? NativeBinary { get; init; }

    public int MaxProcesses { get; init; } = 10;

    /// <summary>Invocations at a time in one process; null: a process for each.</summary>
    public int? Concurrency { get; init; }

    public int MemorySizeMegabytes { get; init; } = 512;

    public TimeSpan FunctionTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Receives what the function and the twin say.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
