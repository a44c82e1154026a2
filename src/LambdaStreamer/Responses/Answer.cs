using System.Buffers;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// Turns one stream's tokens into the bytes of one format. The relay calls <see cref="WriteToken"/> for each token in order and then
/// exactly one of <see cref="WriteEnd"/> and <see cref="WriteError"/>. Streamed formats append to <c>output</c> at once; nothing is written
/// ahead of the model. Allocates nothing per token after the first.
/// </summary>
public abstract class Answer : IDisposable
{
    /// <summary>The format for <paramref name="mediaType"/>.</summary>
    /// <param name="includeDetails">The caller asked for <c>parameters.details</c>.</param>
    public static Answer Create(MediaType mediaType, bool includeDetails) => mediaType switch
    {
        MediaType.Text => new TextAnswer(),
        MediaType.EventStream => new TokenEventAnswer(),
        MediaType.Ndjson => new NdjsonAnswer(),
        _ => new BufferedAnswer(includeDetails),
    };

    public abstract string ContentType { get; }

    /// <summary>
    /// Bytes held until the end, by a format that cannot be streamed. Nothing is sent before then, so an error keeps its real status.
    /// </summary>
    public virtual int HeldLength => 0;

    public abstract void WriteToken(in Token token, IBufferWriter<byte> output);

    /// <summary>The stream is complete: the model's end marker was seen.</summary>
    public abstract void WriteEnd(in Usage usage, IBufferWriter<byte> output);

    /// <summary>The stream broke after some of it was sent. No finish marker is written, now or later.</summary>
    public abstract void WriteError(RelayError error, IBufferWriter<byte> output);

    public abstract void Dispose();
}
