namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>What a <see cref="SageMakerTwin"/> listens on, whom it believes, and how it answers.</summary>
public sealed record SageMakerTwinOptions
{
    /// <summary>Loopback port; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>The access key id that requests must be signed with.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>The secret that belongs to <see cref="AccessKeyId"/>.</summary>
    public required string SecretAccessKey { get; init; }

    /// <summary>The session token that must come with the key; null when the key is a long-term one.</summary>
    public string? SessionToken { get; init; }

    /// <summary>From this moment on the session token is refused as expired; null: never.</summary>
    public DateTimeOffset? SessionTokenExpires { get; init; }

    /// <summary>The region that requests must be signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>JumpStart model ids by endpoint name. A name that is not listed here may itself be a model id.</summary>
    public IReadOnlyDictionary<string, string> Endpoints { get; init; } = new Dictionary<string, string>();

    /// <summary>The model behind every other endpoint name; null: such endpoints do not exist.</summary>
    public string? DefaultModelId { get; init; }

    /// <summary>Every model is served by vLLM's own server, not by the container of its catalogue entry.</summary>
    public bool ServesWithVllm { get; init; }

    /// <summary>Time from the response's headers to the first token.</summary>
    public TimeSpan FirstTokenDelay { get; init; }

    /// <summary>Time between two tokens; zero: as fast as the connection takes them.</summary>
    public TimeSpan TokenDelay { get; init; }

    /// <summary>Fixes log probabilities and the seeds of sampled answers: the same request gets the same bytes.</summary>
    public int Seed { get; init; }

    /// <summary>What goes wrong with requests that do not ask for a fault of their own; null: nothing.</summary>
    public Fault? DefaultFault { get; init; }

    /// <summary>
    /// A file that answers every request: <c>.sse</c> and <c>.jsonlines</c> are a container's body, sent event by event as payload parts;
    /// <c>.eventstream</c> is sent as it is. Null: the models answer.
    /// </summary>
    public string? ReplayFile { get; init; }

    /// <summary>
    /// A TGI- or OpenAI-compatible server that answers instead of the built-in models. A bare host gets the path that fits the body:
    /// <c>/generate_stream</c> or <c>/generate</c>, <c>/v1/chat/completions</c> or <c>/v1/completions</c>.
    /// </summary>
    public Uri? Upstream { get; init; }

    /// <summary>Clock of signatures, pacing, keep-alive comments and stalls.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
