using System.Security.Cryptography;

namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>X-Ray trace headers. Nothing is sampled: there is nobody to send segments to.</summary>
internal static class TraceId
{
    private const string Header = "X-Amzn-Trace-Id";

    /// <summary>The caller's trace if it names a root, else a new one.</summary>
    public static string For(HttpRequest request, TimeProvider timeProvider)
    {
        var given = request.Headers[Header].ToString();
        if (given.Contains("Root=", StringComparison.Ordinal))
        {
            return given;
        }

        var seconds = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        return $"Root=1-{seconds:x8}-{RandomHex(24)};Parent={RandomHex(16)};Sampled=0";
    }

    private static string RandomHex(int digits) => RandomNumberGenerator.GetHexString(digits, lowercase: true);
}
