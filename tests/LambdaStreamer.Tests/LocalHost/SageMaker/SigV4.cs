using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>
/// Signs the requests of these tests. Written from AWS's description and sharing no code with the twin's verifier, so that the two check
/// each other. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
/// </summary>
internal static class SigV4
{
    public static string Authorization(
        string accessKeyId,
        string secret,
        string region,
        string service,
        DateTimeOffset at,
        string path,
        IReadOnlyDictionary<string, string> headers,
        ReadOnlySpan<byte> body)
    {
        var date = at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var lowered = headers.Select(header => (Name: header.Key.ToLowerInvariant(), header.Value))
            .OrderBy(header => header.Name, StringComparer.Ordinal)
            .ToArray();
        var names = string.Join(';', lowered.Select(header => header.Name));
        var lines = string.Concat(lowered.Select(header => $"{header.Name}:{header.Value.Trim()}\n"));
        var canonical = $"POST\n{path}\n\n{lines}\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";

        var scope = $"{date}/{region}/{service}/aws4_request";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var toSign = $"AWS4-HMAC-SHA256\n{headers["X-Amz-Date"]}\n{scope}\n{hash}";

        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var step in new[] { date, region, service, "aws4_request" })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return $"AWS4-HMAC-SHA256 Credential={accessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}";
    }
}
