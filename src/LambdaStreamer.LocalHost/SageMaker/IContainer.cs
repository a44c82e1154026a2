namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>The model server behind an endpoint: a built-in model, a replayed file or a server on the network.</summary>
internal interface IContainer
{
    Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken);

    /// <summary>The body with which this container answers an error instead of the request.</summary>
    ReadOnlyMemory<byte> ErrorBody(ContainerError error);
}
