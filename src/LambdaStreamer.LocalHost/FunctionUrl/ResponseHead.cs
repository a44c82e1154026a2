using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>What becomes of a prelude on its way to an HTTP client.</summary>
internal static class ResponseHead
{
    public const string DefaultContentType = "application/octet-stream";

    private const string RemappedPrefix = "x-amzn-remapped-";

    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    // Names that the Function URL front keeps for itself.
    private static readonly HashSet<string> Remapped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Length", "Content-MD5", "Date", "Max-Forwards", "Server", "WWW-Authenticate",
    };

    /// <summary>False when a header cannot stand in HTTP; nothing was applied then.</summary>
    public static bool TryApply(Prelude prelude, HttpResponse response)
    {
        var headers = prelude.Headers.Where(header => !HopByHop.Contains(header.Name))
            .Select(header => Remapped.Contains(header.Name)
                ? header with { Name = RemappedPrefix + header.Name.ToLowerInvariant() }
                : header)
            .Concat(prelude.Cookies.Select(cookie => new HeaderField("Set-Cookie", cookie)))
            .ToArray();
        if (!headers.All(IsLegal))
        {
            return false;
        }

        response.StatusCode = prelude.StatusCode;
        response.ContentType = DefaultContentType;
        foreach (var header in headers)
        {
            if (header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                response.ContentType = header.Value;
            }
            else
            {
                response.Headers.Append(header.Name, header.Value);
            }
        }

        return true;
    }

    private static bool IsLegal(HeaderField header) =>
        header.Name.Length > 0
        && header.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal))
        && header.Value.All(letter => letter is '\t' or (>= ' ' and <= '~'));
}
