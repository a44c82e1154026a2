namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>What SageMaker passes on of a request.</summary>
internal sealed record ContainerRequest(string? ContentType, ReadOnlyMemory<byte> Body);
