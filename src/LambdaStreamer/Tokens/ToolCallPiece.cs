namespace LambdaStreamer.Tokens;

/// <summary>
/// What one chunk adds to a tool call. The first piece of a call has its name; arguments come in pieces that are joined in their order.
/// Spans are UTF-8, unescaped, empty when not told, and valid until the next line is read.
/// </summary>
public readonly ref struct ToolCallPiece
{
    /// <summary>Which call of the answer it belongs to; its position in the chunk where the container numbers none.</summary>
    public int Index { get; init; }

    public ReadOnlySpan<byte> Id { get; init; }

    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>A piece of the arguments' JSON.</summary>
    public ReadOnlySpan<byte> Arguments { get; init; }
}
