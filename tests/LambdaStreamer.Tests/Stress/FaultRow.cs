using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Stress;

/// <summary>One way in which an ending comes about, and what a client is to see of it.</summary>
internal sealed record FaultRow(Ending Ending)
{
    /// <summary>Tells rows of the same ending apart; empty where there is one.</summary>
    public string Variant { get; init; } = "";

    public FaultSetting Setting { get; init; }

    /// <summary>What the endpoint answers instead of a stream.</summary>
    public Func<EndToEnd.ScriptedSageMaker.Exchange, Task>? Refusal { get; init; }

    /// <summary>What the endpoint sends behind this many tokens; nothing when it falls silent.</summary>
    public Func<EndToEnd.ScriptedSageMaker.Exchange, int, Task> Fault { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>The endpoint goes on, so the function has to close the connection.</summary>
    public bool ClosesEndpointsConnection { get; init; }

    /// <summary>The request's <c>parameters</c> as JSON.</summary>
    public Func<int, string> Parameters { get; init; } = static _ => """{"details":true}""";

    public string? TargetVariantHeader { get; init; }

    /// <summary>What the client is told of a failure; null for a success.</summary>
    public string? Message { get; init; }

    /// <summary>The finish reason of a success in TGI's words.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The texts of visible tokens that <see cref="Fault"/> brings itself.</summary>
    public Func<int, string[]> LastTexts { get; init; } = static _ => [];

    public string? NeverBeforeFirst { get; init; }

    public string? NeverAfter { get; init; }

    public Func<MediaType, string?> NeverIn { get; init; } = static _ => null;

    /// <summary>Why this cannot occur then and there; null when it can.</summary>
    public string? WhyNever(MediaType format, FaultMoment moment) =>
        (moment == FaultMoment.BeforeFirst ? NeverBeforeFirst : NeverAfter) ?? NeverIn(format);
}
