namespace LambdaStreamer.SageMaker;

/// <summary>A call to SageMaker that failed; <see cref="Failure"/> says at which stage and on whose side.</summary>
public sealed class SageMakerException(SageMakerFailure failure, Exception? inner = null) : Exception(failure.ToString(), inner)
{
    /// <summary>What happened.</summary>
    public SageMakerFailure Failure { get; } = failure;
}
