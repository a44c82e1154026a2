using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Access;

/// <summary>Decides who may call, by the headers alone: nothing else of a request is looked at before.</summary>
public sealed class KeyGate(ApiKeys keys, TimeProvider timeProvider)
{
    private const string KeyHeader = "x-api-key";
    private const string AuthorizationHeader = "authorization";

    /// <summary>The scheme of RFC 6750, as every OpenAI client sends it. SigV4's, which an IAM-protected URL asks for, is another.</summary>
    private const string Scheme = "Bearer ";

    private static readonly RelayError Missing = new(
        Ending.KeyRefused, "An API key is missing: send it as \"Authorization: Bearer <key>\" or as \"x-api-key: <key>\".");

    private static readonly RelayError Wrong = new(Ending.KeyRefused, "The API key is not valid.");

    private static readonly RelayError Expired = new(Ending.KeyRefused, "The API key has expired.");

    public static RelayError ModelForbidden { get; } = new(Ending.ModelForbidden, "The API key does not open this model.");

    /// <summary>Sets the caller's key; null where none is asked for.</summary>
    /// <returns>Why the request is refused, or null.</returns>
    public RelayError? Check(HttpRequest request, out ApiKey? key)
    {
        key = null;
        if (!keys.AreRequired)
        {
            return null;
        }

        var shown = Shown(request);
        if (shown.IsEmpty)
        {
            return Missing;
        }

        if (keys.Find(shown) is not { } found)
        {
            return Wrong;
        }

        // Known from here on, also to the log: the holder of an expired key asks its operator why.
        key = found;
        return found.HasExpired(timeProvider.GetUtcNow()) ? Expired : null;
    }

    private static ReadOnlySpan<char> Shown(HttpRequest request) =>
        request.Header(AuthorizationHeader) is { } header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header.AsSpan(Scheme.Length).Trim()
            : request.Header(KeyHeader).AsSpan().Trim();
}
