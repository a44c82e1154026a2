namespace LambdaStreamer.SageMaker;

/// <summary>Keys given once in the environment; Lambda replaces the process before it lets them expire.</summary>
internal sealed class EnvironmentCredentials(AwsCredentials credentials) : CredentialSource
{
    public override ValueTask<AwsCredentials> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credentials);

    public override bool Reject(AwsCredentials rejected) => false;
}
