using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// Turns one stream's tokens into the bytes of one format. The relay calls <see cref="WriteToken"/> for each token in order,
/// <see cref="WriteLast"/> for the one that ends the answer if there is one, and then exactly one of <see cref="WriteEnd"/> and
/// <see cref="WriteError"/>. Streamed formats append to <c>output</c> at once; nothing is written
/// ahead of the model. Allocates nothing per token after the first.
/// </summary>
public abstract class Answer : IDisposable
{
    /// <summary>The format for <paramref name="mediaType"/>.</summary>
    /// <param name="includeDetails">The caller asked for <c>parameters.details</c>.</param>
    /// <param name="prompt">UTF-8: what a <c>generated_text</c> begins with, if the caller asked for <c>return_full_text</c>.</param>
    /// <param name="isArray">TGI's <c>/</c> gives a buffered answer as an array of one, its <c>/generate</c> without it.</param>
    public static Answer Create(MediaType mediaType, bool includeDetails, ReadOnlySpan<byte> prompt = default, bool isArray = true) =>
        mediaType switch
        {
            MediaType.Text => new TextAnswer(),
            MediaType.EventStream => new TokenEventAnswer(includeDetails, prompt),
            MediaType.Ndjson => new NdjsonAnswer(),
            _ => new BufferedAnswer(includeDetails, prompt, isArray),
        };

    public abstract string ContentType { get; }

    /// <summary>
    /// Bytes held until the end: all of a format that cannot be streamed, or the text that a format repeats as a whole.
    /// </summary>
    public virtual int HeldLength => 0;

    /// <summary>What tells a waiting client that the connection lives, where the format has such a thing; empty otherwise.</summary>
    public virtual ReadOnlySpan<byte> KeepAlive => default;

    public abstract void WriteToken(in Token token, IBufferWriter<byte> output);

    /// <summary>The token that carries the container's end marker.</summary>
    public virtual void WriteLast(in Token token, in Usage usage, IBufferWriter<byte> output) => WriteToken(token, output);

    /// <summary>The stream is complete: the model's end marker was seen.</summary>
    public abstract void WriteEnd(in Usage usage, IBufferWriter<byte> output);

    /// <summary>The stream broke after some of it was sent. No finish marker is written, now or later.</summary>
    public abstract void WriteError(RelayError error, IBufferWriter<byte> output);

    public abstract void Dispose();
}
