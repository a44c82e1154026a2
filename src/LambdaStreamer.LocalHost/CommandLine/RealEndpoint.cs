using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Credentials and region of this machine's AWS configuration, as AWSSDK.Core resolves them.</summary>
/// <param name="Credentials">Refreshes itself.</param>
/// <param name="Region">Such as <c>us-east-1</c>.</param>
internal sealed record RealEndpoint(AWSCredentials Credentials, string Region)
{
    /// <exception cref="UsageException">There is no such profile, or no credentials, or no region.</exception>
    public static async Task<RealEndpoint> ResolveAsync(string? profile, string? region)
    {
        CredentialProfile? configured = null;
        AWSCredentials? credentials = null;
        if (profile is not null)
        {
            var chain = new CredentialProfileStoreChain();
            if (!chain.TryGetProfile(profile, out configured) || !chain.TryGetAWSCredentials(profile, out credentials))
            {
                throw new UsageException($"There is no AWS profile \"{profile}\", or it holds no credentials.");
            }
        }

        region ??= configured?.Region?.SystemName ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
            ?? throw new UsageException("No AWS region is configured: give one with --region.");
        try
        {
            credentials ??= await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync();
            await credentials.GetCredentialsAsync();
        }
        catch (AmazonClientException e)
        {
            throw new UsageException($"No usable AWS credentials were found: {e.Message}", e);
        }

        return new(credentials, region);
    }
}
