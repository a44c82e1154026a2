namespace LambdaStreamer.SageMaker;

/// <summary>
/// What a call sent more than once, for the log and the figures. Immutable: a call publishes another one with each repeat, so whoever reads
/// it meanwhile reads one moment's.
/// </summary>
public sealed record Repeats
{
    /// <summary>Of a call that sent one request, or none yet.</summary>
    public static Repeats None { get; } = new();

    /// <summary>Requests after the first, that to a fallback included.</summary>
    public int Count { get; init; }

    /// <summary>What the last of them was sent for; null when there was none.</summary>
    public SageMakerFailureKind? Cause { get; init; }

    /// <summary>
    /// A request was repeated although the model may have had the one before (<see cref="RetryPolicy.MayHaveRun"/>): its tokens may have
    /// been made, and paid for, twice. None of them was handed out twice.
    /// </summary>
    public bool MayHaveRun { get; init; }

    /// <summary>The fallback endpoint was asked.</summary>
    public bool UsedFallback { get; init; }

    internal Repeats And(SageMakerFailureKind cause, bool mayHaveRun, bool usedFallback = false) =>
        new() { Count = Count + 1, Cause = cause, MayHaveRun = MayHaveRun || mayHaveRun, UsedFallback = UsedFallback || usedFallback };
}
