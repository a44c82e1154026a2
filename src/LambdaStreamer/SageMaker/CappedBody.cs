namespace LambdaStreamer.SageMaker;

/// <summary>Reads a reply that should be small, and no more of it than is wanted.</summary>
internal static class CappedBody
{
    /// <summary>At most <paramref name="cap"/> bytes; what lies beyond stays unread, which costs the connection.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int cap, CancellationToken cancellationToken)
    {
        var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[(int)Math.Min(content.Headers.ContentLength + 1 ?? 1024, cap)];
        var filled = 0;
        while (true)
        {
            var read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled += read;
            if (read == 0 || filled == cap)
            {
                return buffer.AsMemory(0, filled);
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, cap));
            }
        }
    }
}
