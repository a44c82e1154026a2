namespace LambdaStreamer.SageMaker;

/// <summary>
/// The request headers of InvokeEndpointWithResponseStream (botocore's model of sagemaker-runtime, 2017-05-13), lower case as
/// they are signed.
/// </summary>
internal static class EndpointHeaders
{
    public const string ContentType = "content-type";
    public const string CustomAttributes = "x-amzn-sagemaker-custom-attributes";
    public const string InferenceComponent = "x-amzn-sagemaker-inference-component";
    public const string InferenceId = "x-amzn-sagemaker-inference-id";
    public const string SessionId = "x-amzn-sagemaker-session-id";
    public const string TargetVariant = "x-amzn-sagemaker-target-variant";
}
