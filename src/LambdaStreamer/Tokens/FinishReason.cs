namespace LambdaStreamer.Tokens;

/// <summary>Why the model stopped, as the container told. <see cref="Unknown"/> when it did not: none is ever invented.</summary>
public enum FinishReason
{
    Unknown,

    /// <summary>The model's end-of-sequence token.</summary>
    EosToken,

    /// <summary>One of the caller's stop sequences.</summary>
    StopSequence,

    /// <summary>One of the two above; OpenAI's word for both, and vLLM's.</summary>
    Stop,

    /// <summary>The limit of new tokens.</summary>
    Length,

    /// <summary>The model calls a tool and waits for its result.</summary>
    ToolCalls,

    /// <summary>The server withheld the rest.</summary>
    ContentFilter,
}
