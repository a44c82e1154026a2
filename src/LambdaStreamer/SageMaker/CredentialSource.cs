namespace LambdaStreamer.SageMaker;

/// <summary>Where the keys that sign a request come from. Thread-safe.</summary>
public abstract class CredentialSource
{
    private const string AccessKeyIdVariable = "AWS_ACCESS_KEY_ID";
    private const string SecretAccessKeyVariable = "AWS_SECRET_ACCESS_KEY";
    private const string SessionTokenVariable = "AWS_SESSION_TOKEN";
    private const string FullUriVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    private const string RelativeUriVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    private const string TokenVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    private const string TokenFileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

    /// <summary>Keys that are valid now.</summary>
    /// <exception cref="CredentialsException">There are none.</exception>
    public abstract ValueTask<AwsCredentials> GetAsync(CancellationToken cancellationToken);

    /// <summary>
    /// AWS called these keys expired. True when the next <see cref="GetAsync"/> will fetch others, so that a second try makes sense.
    /// </summary>
    public abstract bool Reject(AwsCredentials rejected);

    /// <summary>
    /// The source a function's environment names: static keys, else the container-credentials endpoint (which is what SnapStart gives).
    /// The order and the variables are those of every AWS SDK.
    /// </summary>
    /// <param name="environment">Looks a variable up; null or empty when unset.</param>
    /// <param name="timeProvider">The clock that expiry is measured with.</param>
    /// <param name="errors">Receives what is wrong with the configuration, one message each.</param>
    /// <returns>Null when a message was added.</returns>
    public static CredentialSource? FromEnvironment(
        Func<string, string?> environment, TimeProvider timeProvider, ICollection<string> errors)
    {
        var accessKeyId = environment(AccessKeyIdVariable);
        var secretAccessKey = environment(SecretAccessKeyVariable);
        if (!string.IsNullOrEmpty(accessKeyId) && !string.IsNullOrEmpty(secretAccessKey))
        {
            var sessionToken = environment(SessionTokenVariable);
            sessionToken = string.IsNullOrEmpty(sessionToken) ? null : sessionToken;
            if (AwsCredentials.AreUsable(accessKeyId, secretAccessKey, sessionToken))
            {
                return new EnvironmentCredentials(new(accessKeyId, secretAccessKey, sessionToken));
            }

            errors.Add(
                $"{AccessKeyIdVariable}, {SecretAccessKeyVariable} or {SessionTokenVariable} "
                + "is too long or holds blanks or control characters.");
            return null;
        }

        if (!string.IsNullOrEmpty(accessKeyId) || !string.IsNullOrEmpty(secretAccessKey))
        {
            errors.Add($"{AccessKeyIdVariable} and {SecretAccessKeyVariable} must be set together; only one of them is.");
            return null;
        }

        var address = ContainerAddress(environment, errors);
        return address is null
            ? null
            : new ContainerCredentials(address, environment(TokenVariable), environment(TokenFileVariable), timeProvider);
    }

    private static Uri? ContainerAddress(Func<string, string?> environment, ICollection<string> errors)
    {
        var relative = environment(RelativeUriVariable);
        if (!string.IsNullOrEmpty(relative))
        {
            if (relative[0] == '/' && Uri.TryCreate(ContainerCredentials.EcsOrigin + relative, UriKind.Absolute, out var ecsAddress))
            {
                return ecsAddress;
            }

            errors.Add($"{RelativeUriVariable} must be a path that begins with '/'; it is '{Excerpt.Of(relative)}'.");
            return null;
        }

        var full = environment(FullUriVariable);
        if (string.IsNullOrEmpty(full))
        {
            errors.Add($"No AWS credentials: set {AccessKeyIdVariable} and {SecretAccessKeyVariable}, or {FullUriVariable}.");
            return null;
        }

        if (!Uri.TryCreate(full, UriKind.Absolute, out var address) || !ContainerCredentials.MayBeAsked(address))
        {
            errors.Add(
                $"{FullUriVariable} must be https, or http to loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]; "
                + $"it is '{Excerpt.Of(full)}'.");
            return null;
        }

        return address;
    }
}
