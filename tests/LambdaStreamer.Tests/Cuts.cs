namespace LambdaStreamer.Tests;

/// <summary>The ways in which bytes can arrive: whole, cut once at each position, and one at a time.</summary>
internal static class Cuts
{
    public static IEnumerable<byte[][]> Of(byte[] bytes)
    {
        yield return [bytes];
        for (var position = 1; position < bytes.Length; position++)
        {
            yield return [bytes[..position], bytes[position..]];
        }

        yield return [.. bytes.Select(static single => new[] { single })];
    }

    /// <summary>A copy whose pieces are followed by garbage, so that reading past a piece's end shows.</summary>
    public static ReadOnlySpan<byte> Oversized(byte[] piece)
    {
        var array = new byte[piece.Length + 7];
        array.AsSpan().Fill((byte)'\n');
        piece.CopyTo(array, 0);
        return array.AsSpan(0, piece.Length);
    }
}
