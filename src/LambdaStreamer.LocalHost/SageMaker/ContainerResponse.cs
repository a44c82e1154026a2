namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// The container's status and body; <paramref name="Pieces"/> can be enumerated once. Status 0 says that there was no answer.
/// </summary>
internal sealed record ContainerResponse(int Status, string ContentType, IAsyncEnumerable<ContainerPiece> Pieces)
{
    /// <summary>What the container writes into this stream when it fails there; nothing follows it.</summary>
    public required Func<ContainerError, ReadOnlyMemory<byte>> ErrorPiece { get; init; }

    /// <summary>An answer that is there at once, and so has no place for a later error.</summary>
    public static ContainerResponse Whole(int status, string contentType, ReadOnlyMemory<byte> body) =>
        new(status, contentType, OnceAsync(body)) { ErrorPiece = static _ => default };

    private static async IAsyncEnumerable<ContainerPiece> OnceAsync(ReadOnlyMemory<byte> body)
    {
        await ValueTask.CompletedTask;
        yield return new ContainerPiece(body, IsToken: false);
    }
}
