using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>OpenAI's words of <c>finish_reason</c>; its .NET client throws on any other.</summary>
internal static class FinishReasons
{
    /// <summary>
    /// Completions call no tools. A container that called tools and says <c>stop</c> (TGI) means <c>tool_calls</c>, which clients wait
    /// for. A complete answer whose container told no reason gets <c>stop</c>: null is what OpenAI has for an answer that goes on.
    /// </summary>
    public static ReadOnlySpan<byte> Word(FinishReason reason, bool calledTools) => reason switch
    {
        FinishReason.Length => "length"u8,
        FinishReason.ContentFilter => "content_filter"u8,
        _ => calledTools ? "tool_calls"u8 : "stop"u8,
    };
}
