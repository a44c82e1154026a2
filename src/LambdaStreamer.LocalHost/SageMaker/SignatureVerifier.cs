using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime.Internal.Auth;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// Checks AWS Signature Version 4 the way the service does: from the request that arrived. Key derivation and signature are computed by
/// AWS's own SDK, so a mistake in the signer under test cannot hide in a copy of itself. Error types and messages are AWS's.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html</remarks>
internal sealed class SignatureVerifier(SageMakerTwinOptions options)
{
    // Not "runtime.sagemaker": the service model names its signing name apart from its host name.
    private const string SigningName = "sagemaker";
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string InvalidToken = "The security token included in the request is invalid.";
    private static readonly string[] MustBeSigned = ["x-amz-date", "x-amz-security-token"];
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(5);

    public SignatureVerdict Verify(RecordedRequest request)
    {
        if (!request.Headers.TryGetValue("Authorization", out var authorization))
        {
            return new("MissingAuthenticationTokenException", "Missing Authentication Token");
        }

        // :: Step 1: Take the header apart.
        var parameters = Parameters(authorization);
        var credential = parameters.GetValueOrDefault("Credential")?.Split('/') ?? [];
        var signature = parameters.GetValueOrDefault("Signature");
        var signedHeaders = parameters.GetValueOrDefault("SignedHeaders");
        if (!authorization.StartsWith(Algorithm, StringComparison.Ordinal)
            || credential.Length != 5 || signature is null || signedHeaders is null)
        {
            return Incomplete(
                $"Authorization header requires '{Algorithm}', 'Credential', 'Signature' and 'SignedHeaders'. "
                + $"Authorization={authorization}");
        }

        // :: Step 2: Is it somebody we know?
        var (accessKey, date, region, service) = (credential[0], credential[1], credential[2], credential[3]);
        if (Identify(request, accessKey) is { } stranger)
        {
            return stranger;
        }

        // :: Step 3: Is it for this service, this region and this moment?
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!request.Headers.TryGetValue("X-Amz-Date", out var signedAtText)
            || !DateTime.TryParseExact(signedAtText, DateFormat, CultureInfo.InvariantCulture, Utc, out var signedAt))
        {
            return Incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        }

        var misfit = CheckScope(date, region, service, credential[4], signedAtText)
            ?? CheckClock(signedAt)
            ?? CheckSigned(request, signedHeaders);
        if (misfit is not null)
        {
            return misfit;
        }

        // :: Step 4: Is the signature over what arrived?
        var canonicalRequest = CanonicalRequest(request, signedHeaders);
        var expected = AWS4Signer.ComputeSignature(
            accessKey, options.SecretAccessKey, region, signedAt, service, signedHeaders, canonicalRequest).Signature;
        return string.Equals(expected, signature, StringComparison.Ordinal)
            ? SignatureVerdict.Valid
            : Invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                + "signing method. Consult the service documentation for details.\n\n"
                + $"The Canonical String for this request should have been\n'{canonicalRequest}'");
    }

    private static SignatureVerdict Incomplete(string message) => new("IncompleteSignatureException", message);

    private static SignatureVerdict Invalid(string message) => new("InvalidSignatureException", message);

    private static Dictionary<string, string> Parameters(string authorization)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in authorization[(authorization.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(','))
        {
            var nameEnd = parameter.IndexOf('=', StringComparison.Ordinal);
            if (nameEnd > 0)
            {
                parameters[parameter[..nameEnd].Trim()] = parameter[(nameEnd + 1)..].Trim();
            }
        }

        return parameters;
    }

    private SignatureVerdict? Identify(RecordedRequest request, string accessKey)
    {
        var token = request.Headers.GetValueOrDefault("X-Amz-Security-Token");
        if (accessKey != options.AccessKeyId || token != options.SessionToken)
        {
            return new("UnrecognizedClientException", InvalidToken);
        }

        return options.SessionTokenExpires is { } expiry && options.TimeProvider.GetUtcNow() >= expiry
            ? new("ExpiredTokenException", "The security token included in the request is expired")
            : null;
    }

    private SignatureVerdict? CheckScope(string date, string region, string service, string terminator, string signedAt)
    {
        if (region != options.Region)
        {
            return Invalid("Credential should be scoped to a valid region. ");
        }

        if (service != SigningName)
        {
            return Invalid($"Credential should be scoped to correct service: '{SigningName}'. ");
        }

        if (terminator != "aws4_request")
        {
            return Invalid("Credential should be scoped with a valid terminator: 'aws4_request'. ");
        }

        return signedAt.StartsWith(date, StringComparison.Ordinal)
            ? null
            : Invalid($"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}'.");
    }

    private SignatureVerdict? CheckClock(DateTime signedAt)
    {
        var now = options.TimeProvider.GetUtcNow().UtcDateTime;
        var (signed, current) = (Format(signedAt), Format(now));
        if (signedAt < now - AllowedSkew)
        {
            var earliest = Format(now - AllowedSkew);
            return Invalid($"Signature expired: {signed} is now earlier than {earliest} ({current} - 5 min.)");
        }

        if (signedAt > now + AllowedSkew)
        {
            var latest = Format(now + AllowedSkew);
            return Invalid($"Signature not yet current: {signed} is still later than {latest} ({current} + 5 min.)");
        }

        return null;
    }

    private static SignatureVerdict? CheckSigned(RecordedRequest request, string signedHeaders)
    {
        var names = signedHeaders.Split(';');
        if (!names.Contains("host"))
        {
            return Invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }

        var unsigned = MustBeSigned.FirstOrDefault(name => request.Headers.ContainsKey(name) && !names.Contains(name));
        return unsigned is null ? null : Invalid($"'{unsigned}' must be a 'SignedHeader' in the AWS Authorization.");
    }

    // Method, path, query, headers, their names, hash of the body: a line each.
    private static string CanonicalRequest(RecordedRequest request, string signedHeaders)
    {
        var target = request.Path.Split('?', 2);
        var text = new StringBuilder().Append(request.Method).Append('\n');

        // Every service but S3 encodes the already encoded path once more.
        text.AppendJoin('/', target[0].Split('/').Select(Uri.EscapeDataString)).Append('\n');
        var query = target.Length > 1 ? target[1].Split('&') : [];
        text.AppendJoin('&', query.Select(pair => pair.Contains('=') ? pair : pair + '=').Order(StringComparer.Ordinal)).Append('\n');

        foreach (var name in signedHeaders.Split(';'))
        {
            var words = (request.Headers.GetValueOrDefault(name) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            text.Append(name).Append(':').AppendJoin(' ', words).Append('\n');
        }

        text.Append('\n').Append(signedHeaders).Append('\n');
        return text.Append(Convert.ToHexStringLower(SHA256.HashData(request.Body.Span))).ToString();
    }

    private static string Format(DateTime moment) => moment.ToString(DateFormat, CultureInfo.InvariantCulture);
}
