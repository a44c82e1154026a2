namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>
/// The ways to name a function in a call: name, partial ARN (account:function:name) or ARN, each with an optional qualifier behind it.
/// </summary>
internal sealed record FunctionReference(string? Region, string? Account, string Name, string? Qualifier)
{
    /// <summary>Null when it is none of these forms. <paramref name="text"/> is percent-decoded.</summary>
    public static FunctionReference? TryParse(string text)
    {
        var reference = text.Split(':') switch
        {
            ["arn", _, "lambda", var region, var account, "function", var name] => new FunctionReference(region, account, name, null),
            ["arn", _, "lambda", var region, var account, "function", var name, var qualifier] => new(region, account, name, qualifier),
            [var account, "function", var name] => new(null, account, name, null),
            [var account, "function", var name, var qualifier] => new(null, account, name, qualifier),
            [var name] => new(null, null, name, null),
            [var name, var qualifier] => new(null, null, name, qualifier),
            _ => null,
        };
        return reference is not null && IsWord(reference.Name) && (reference.Qualifier is null or "$LATEST" || IsWord(reference.Qualifier))
            ? reference
            : null;
    }

    public bool Matches(LambdaTwinOptions options) =>
        Name == options.FunctionName && (Region ?? options.Region) == options.Region
        && (Account ?? LambdaTwinOptions.AccountId) == LambdaTwinOptions.AccountId;

    private static bool IsWord(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
