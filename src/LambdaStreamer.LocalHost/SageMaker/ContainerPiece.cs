namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>Bytes that the container handed over at one moment. <paramref name="IsToken"/> is false for keep-alive comments.</summary>
internal readonly record struct ContainerPiece(ReadOnlyMemory<byte> Bytes, bool IsToken);
