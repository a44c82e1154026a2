using LambdaStreamer.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>What decides which of the model's tokens the caller sees, and when the answer ends.</summary>
public sealed record AnswerRules
{
    /// <summary>How the container writes; an override of what its answers themselves tell.</summary>
    public Dialect Dialect { get; init; }

    /// <summary>The model's special tokens.</summary>
    public ModelMarkup Markup { get; init; } = ModelMarkup.None;

    /// <summary>The caller's stop sequences.</summary>
    public StopSequences Stops { get; init; } = StopSequences.None;

    /// <summary>The caller's limit of new tokens.</summary>
    public int? MaxNewTokens { get; init; }
}
