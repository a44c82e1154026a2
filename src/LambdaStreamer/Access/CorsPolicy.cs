using System.Buffers;
using LambdaStreamer.FunctionUrl;

namespace LambdaStreamer.Access;

/// <summary>
/// Which pages of other origins may read the answers (WHATWG Fetch, "CORS protocol"), from <c>ALLOWED_ORIGINS</c>: a comma-separated list
/// of origins, or <c>*</c>. Only one place may answer: with this set the Function URL must have no CORS configuration of its own, because
/// browsers refuse a header that comes twice.
/// </summary>
public sealed class CorsPolicy
{
    private const string Variable = "ALLOWED_ORIGINS";
    private const string Any = "*";
    private const string Methods = "GET, HEAD, POST, OPTIONS";

    /// <summary>What a page may read besides the headers that Fetch always shows.</summary>
    private const string ExposedHeaders = "x-request-id, retry-after, x-lambdastreamer-retries, allow";

    /// <summary>Two hours in seconds; Chromium takes no more.</summary>
    private const string MaxAge = "7200";

    private const int MaxRequestedLength = 4096;

    // RFC 9110, "tchar", and the list's separators. The names come from the request and go into a header.
    private static readonly SearchValues<char> NameListCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz, ");

    private readonly string[] _origins;

    private CorsPolicy(string[] origins) => _origins = origins;

    private bool AllowsAny => _origins is [Any];

    /// <summary>Null when something is wrong, which <paramref name="errors"/> then says.</summary>
    public static CorsPolicy? Parse(string list, ICollection<string> errors)
    {
        var origins = list.Split(',', StringSplitOptions.TrimEntries);
        if (origins is not [Any] && Array.Find(origins, static origin => !IsOrigin(origin)) is { } wrong)
        {
            errors.Add($"{Variable} must be * or origins such as https://example.com, without a path, joined by commas; '{wrong}' is none.");
            return null;
        }

        return new CorsPolicy(origins);
    }

    /// <summary>A preflight: a browser asks before a page's request, and never with a key.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        request.Method == "OPTIONS" && request.Header("origin") is not null && request.Header("access-control-request-method") is not null;

    /// <summary>
    /// The headers for the answer to a request. Credentials only for an origin that is named: with <c>*</c> any page could use its visitors'.
    /// </summary>
    public void AddHeaders(HttpRequest request, ICollection<(string Name, string Value)> headers)
    {
        if (!AllowsAny)
        {
            headers.Add(("vary", "origin"));
        }

        if (request.Header("origin") is not { } origin || !(AllowsAny || _origins.Contains(origin, StringComparer.Ordinal)))
        {
            return;
        }

        headers.Add(("access-control-allow-origin", AllowsAny ? Any : origin));
        if (!AllowsAny)
        {
            headers.Add(("access-control-allow-credentials", "true"));
        }

        if (!IsPreflight(request))
        {
            headers.Add(("access-control-expose-headers", ExposedHeaders));
            return;
        }

        headers.Add(("access-control-allow-methods", Methods));
        headers.Add(("access-control-max-age", MaxAge));

        // SDKs add headers with every release; what is asked for is allowed, as none of them opens anything without a key. A "*" would
        // not cover authorization.
        if (request.Header("access-control-request-headers") is { Length: <= MaxRequestedLength } names
            && !names.AsSpan().ContainsAnyExcept(NameListCharacters))
        {
            headers.Add(("access-control-allow-headers", names));
        }
    }

    /// <summary>RFC 6454, "Serializing origins": scheme, host, and a port that is not the scheme's own.</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http"
        && uri.GetLeftPart(UriPartial.Authority) == text;
}
