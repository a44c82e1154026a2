namespace LambdaStreamer.SageMaker;

/// <summary>
/// One set of AWS keys. A class, not a record: a generated <c>ToString</c> would print the secret.
/// Invariant: each part fits into a header, so signing can't fail.
/// </summary>
public sealed class AwsCredentials
{
    // AWS documents 16 to 128 characters for an id, and states no size for a token; secrets have 40.
    private const int MaxAccessKeyIdLength = 128;
    private const int MaxSecretLength = 512;
    private const int MaxTokenLength = 16 * 1024;

    /// <exception cref="ArgumentException">A part is empty, too long, or not visible ASCII.</exception>
    public AwsCredentials(string accessKeyId, string secretAccessKey, string? sessionToken = null, DateTimeOffset? expiration = null)
    {
        if (!AreUsable(accessKeyId, secretAccessKey, sessionToken))
        {
            throw new ArgumentException("A part of these AWS keys is empty, too long, or holds characters that no header may hold.");
        }

        AccessKeyId = accessKeyId;
        SecretAccessKey = secretAccessKey;
        SessionToken = sessionToken;
        Expiration = expiration;
    }

    /// <summary>The public half; it appears in every signature.</summary>
    public string AccessKeyId { get; }

    /// <summary>The secret half; it only ever feeds a signing key.</summary>
    public string SecretAccessKey { get; }

    /// <summary>Sent and signed as <c>x-amz-security-token</c> when present; temporary keys don't work without it.</summary>
    public string? SessionToken { get; }

    /// <summary>When AWS stops accepting these keys; null when nothing said so.</summary>
    public DateTimeOffset? Expiration { get; }

    /// <summary>Whether the constructor would take these.</summary>
    internal static bool AreUsable(string? accessKeyId, string? secretAccessKey, string? sessionToken) =>
        IsVisibleAscii(accessKeyId, MaxAccessKeyIdLength)
        && IsVisibleAscii(secretAccessKey, MaxSecretLength)
        && (sessionToken is null || IsVisibleAscii(sessionToken, MaxTokenLength));

    private static bool IsVisibleAscii(string? text, int maxLength) =>
        !string.IsNullOrEmpty(text) && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
