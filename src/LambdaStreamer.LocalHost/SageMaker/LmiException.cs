namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>A request that LMI refuses before any token, in a stream or not.</summary>
internal sealed class LmiException(string message) : Exception(message);
