using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LambdaStreamer.Access;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>
/// What the function's <c>API_KEY_HASHES</c> says of one API key, which is a list of these separated by commas:
/// <c>name=sha256hex[;expires=YYYY-MM-DD][;models=a|b][;max_new_tokens=N]</c>. It tells who calls and what for, and not the key.
/// </summary>
internal sealed record ApiKeyEntry
{
    /// <summary>What separates the parts of an entry, its models, and entries.</summary>
    private const string Separators = ",;|";

    public required string Name { get; init; }

    public DateOnly? Expires { get; init; }

    /// <summary>None: every model.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public int? MaxNewTokens { get; init; }

    /// <param name="name">1 to 64 letters, digits, dots, underscores and hyphens.</param>
    /// <param name="expires">A date from <paramref name="today"/> on.</param>
    /// <param name="models">Each may name several, separated by <c>|</c>.</param>
    /// <param name="maxNewTokens">The most that a caller with the key may ask for.</param>
    /// <param name="today">A key that has expired already is nobody's wish.</param>
    /// <exception cref="UsageException">One of them cannot stand in an entry.</exception>
    public static ApiKeyEntry Read(string name, string? expires, IEnumerable<string> models, int? maxNewTokens, DateOnly today)
    {
        if (!ApiKeyList.IsName(name))
        {
            throw new UsageException($"A key's name is 1 to {ApiKeyList.MaxNameLength} of A-Z a-z 0-9 . _ - and nothing else.");
        }

        return new()
        {
            Name = name,
            Expires = ReadDate(expires, today),
            Models = [.. models.SelectMany(static each => each.Split('|')).Select(ReadModel).Distinct()],
            MaxNewTokens = maxNewTokens,
        };
    }

    public string Format(string key)
    {
        var entry = new StringBuilder(Name).Append('=').Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        if (Expires is { } date)
        {
            entry.Append(";expires=").Append(date.ToString(ApiKeyList.DateFormat, CultureInfo.InvariantCulture));
        }

        if (Models.Count > 0)
        {
            entry.Append(";models=").AppendJoin('|', Models);
        }

        if (MaxNewTokens is { } limit)
        {
            entry.Append(CultureInfo.InvariantCulture, $";max_new_tokens={limit}");
        }

        return entry.ToString();
    }

    private static DateOnly? ReadDate(string? text, DateOnly today)
    {
        if (text is null)
        {
            return null;
        }

        if (!DateOnly.TryParseExact(text, ApiKeyList.DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            throw new UsageException("--expires must be a date, YYYY-MM-DD.");
        }

        return date >= today ? date : throw new UsageException("--expires is in the past: nobody could use the key.");
    }

    private static string ReadModel(string id) => id.Length > 0 && !id.Any(static each => char.IsControl(each) || Separators.Contains(each))
        ? id
        : throw new UsageException("--models must be model ids separated by |; an id has no comma, semicolon or control character.");
}
