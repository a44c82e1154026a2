using System.Diagnostics.CodeAnalysis;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Access;

/// <summary>
/// The most new tokens of an answer: the function's limit or the key's, whichever is lower. A request that asks for more is refused, one
/// that asks for nothing gets what its container makes by default, and the relay ends what runs past the limit.
/// </summary>
/// <param name="Value">Null for none.</param>
internal readonly record struct TokenLimit(int? Value)
{
    public static TokenLimit Of(Settings settings, ApiKey? key) =>
        new(key?.MaxNewTokens is { } ofKey && !(settings.MaxNewTokensLimit < ofKey) ? ofKey : settings.MaxNewTokensLimit);

    /// <param name="asked">The request's own limit; null for none.</param>
    /// <param name="problem">For the caller.</param>
    public bool Allows(int? asked, [NotNullWhen(false)] out RelayError? problem)
    {
        problem = asked > Value
            ? RelayError.BadRequest(400, $"The request asks for {asked} new tokens; at most {Value} are allowed.") with { Param = "max_tokens" }
            : null;
        return problem is null;
    }

    /// <summary>The limit of an answer to a request that is allowed.</summary>
    public int? Apply(int? asked) => asked ?? Value;
}
