namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>The model server behind an endpoint: a built-in model, a replayed file or a server on the network.</summary>
internal interface IContainer
{
    Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken);
}

/// <summary>What SageMaker passes on of a request.</summary>
internal sealed record ContainerRequest(string? ContentType, ReadOnlyMemory<byte> Body);

/// <summary>The container's status and body; <paramref name="Pieces"/> can be enumerated once.</summary>
internal sealed record ContainerResponse(int Status, string ContentType, IAsyncEnumerable<ContainerPiece> Pieces);

/// <summary>Bytes that the container handed over at one moment. <paramref name="IsToken"/> is false for keep-alive comments.</summary>
internal readonly record struct ContainerPiece(ReadOnlyMemory<byte> Bytes, bool IsToken);
