using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// AWS Signature Version 4, in the header form. Owns the signing key of the day. Thread-safe.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
/// </summary>
/// <remarks>
/// The path and query given are those on the wire. The path is encoded once more for the signature, as every service but S3 wants it;
/// it is not normalised, so a caller must not send dot segments or doubled slashes.
/// </remarks>
internal sealed class SigV4Signer(string region, string service)
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int MaxSecretBytes = 1024;

    private static ReadOnlySpan<byte> Algorithm => "AWS4-HMAC-SHA256"u8;
    private static ReadOnlySpan<byte> ScopeEnd => "aws4_request"u8;

    private volatile SigningKey? _key;

    /// <summary>
    /// Adds <c>x-amz-date</c>, <c>x-amz-security-token</c> when the keys are temporary, and <c>authorization</c>. Every header in the list
    /// is signed and must then be sent with the same value; the list comes back sorted by name.
    /// </summary>
    /// <param name="headers">Lower-case names, each once; must include <c>host</c>.</param>
    /// <param name="method">In capitals.</param>
    /// <param name="path">The path on the wire.</param>
    /// <param name="query">The query on the wire without its question mark; percent-encoded already.</param>
    /// <param name="payload">The body.</param>
    /// <param name="credentials">The keys.</param>
    /// <param name="moment">AWS allows five minutes of difference to its own clock.</param>
    public void Sign(
        List<KeyValuePair<string, string>> headers,
        string method,
        string path,
        string query,
        ReadOnlySpan<byte> payload,
        AwsCredentials credentials,
        DateTimeOffset moment)
    {
        var date = moment.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        headers.Add(new("x-amz-date", date));
        if (credentials.SessionToken is { } token)
        {
            headers.Add(new("x-amz-security-token", token));
        }

        headers.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        headers.Add(new("authorization", Authorization(headers, method, path, query, payload, credentials, date)));
    }

    private string Authorization(
        List<KeyValuePair<string, string>> headers,
        string method,
        string path,
        string query,
        ReadOnlySpan<byte> payload,
        AwsCredentials credentials,
        string date)
    {
        Span<byte> signedHeaders = stackalloc byte[2048];
        var names = new SigV4Text(signedHeaders);
        var headerCharacters = 0;
        foreach (var (name, value) in headers)
        {
            Debug.Assert(!name.AsSpan().ContainsAnyInRange('A', 'Z'), "Header names are signed in lower case.");
            headerCharacters += name.Length + value.Length + 2;
            names.Append(names.Length == 0 ? "" : ";");
            names.Append(name);
        }

        // Three bytes a character is the most that UTF-8 and percent-encoding each can make, nine that both can.
        var canonicalBytes = method.Length + (9 * path.Length) + (4 * query.Length) + (3 * headerCharacters) + names.Length + 128;
        var buffer = ArrayPool<byte>.Shared.Rent(canonicalBytes);
        try
        {
            var canonical = new SigV4Text(buffer);
            canonical.Append(method);
            canonical.Append("\n");
            canonical.AppendPath(path);
            canonical.Append("\n");
            canonical.AppendQuery(query);
            canonical.Append("\n");
            foreach (var (name, value) in headers)
            {
                canonical.Append(name);
                canonical.Append(":");
                canonical.AppendTrimmed(value);
                canonical.Append("\n");
            }

            canonical.Append("\n");
            canonical.Append(names.Written);
            canonical.Append("\n");
            Span<byte> hash = stackalloc byte[HashBytes];
            SHA256.HashData(payload, hash);
            canonical.AppendHex(hash);

            SHA256.HashData(canonical.Written, hash);
            return Authorization(hash, names.Written, credentials, date);
        }
        finally
        {
            // The canonical request holds the session token.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private string Authorization(ReadOnlySpan<byte> canonicalHash, ReadOnlySpan<byte> names, AwsCredentials credentials, string date)
    {
        Span<byte> scopeBytes = stackalloc byte[256];
        var scope = new SigV4Text(scopeBytes);
        scope.Append(date.AsSpan(0, 8));
        scope.Append("/");
        scope.Append(region);
        scope.Append("/");
        scope.Append(service);
        scope.Append("/");
        scope.Append(ScopeEnd);

        Span<byte> toSignBytes = stackalloc byte[512];
        var toSign = new SigV4Text(toSignBytes);
        toSign.Append(Algorithm);
        toSign.Append("\n");
        toSign.Append(date);
        toSign.Append("\n");
        toSign.Append(scope.Written);
        toSign.Append("\n");
        toSign.AppendHex(canonicalHash);

        Span<byte> signature = stackalloc byte[HashBytes];
        HMACSHA256.HashData(KeyOfTheDay(credentials.SecretAccessKey, date.AsSpan(0, 8)), toSign.Written, signature);

        Span<byte> headerBytes = stackalloc byte[4096];
        var header = new SigV4Text(headerBytes);
        header.Append(Algorithm);
        header.Append(" Credential=");
        header.Append(credentials.AccessKeyId);
        header.Append("/");
        header.Append(scope.Written);
        header.Append(", SignedHeaders=");
        header.Append(names);
        header.Append(", Signature=");
        header.AppendHex(signature);
        return Encoding.ASCII.GetString(header.Written);
    }

    private byte[] KeyOfTheDay(string secret, ReadOnlySpan<char> day)
    {
        if (_key is { } held && held.Secret == secret && day.SequenceEqual(held.Day))
        {
            return held.Key;
        }

        Span<byte> seedBytes = stackalloc byte[MaxSecretBytes];
        var seed = new SigV4Text(seedBytes);
        seed.Append("AWS4");
        seed.Append(secret);
        var dayBytes = Encoding.ASCII.GetBytes(day.ToString());
        var key = HMACSHA256.HashData(seed.Written, dayBytes);
        key = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(service));
        key = HMACSHA256.HashData(key, ScopeEnd);
        seedBytes.Clear();
        _key = new SigningKey(secret, day.ToString(), key);
        return key;
    }

    private sealed record SigningKey(string Secret, string Day, byte[] Key);
}
