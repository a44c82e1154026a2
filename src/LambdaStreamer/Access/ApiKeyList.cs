using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;

namespace LambdaStreamer.Access;

/// <summary>
/// Reads <c>API_KEY_HASHES</c>: entries <c>name=sha256hex</c>, each with <c>;expires=YYYY-MM-DD</c>, <c>;models=id|id</c> and
/// <c>;max_new_tokens=N</c> behind it if it has them, joined by commas.
/// </summary>
internal static class ApiKeyList
{
    private const string Variable = "API_KEY_HASHES";

    /// <summary>Of the last day on which a key works.</summary>
    public const string DateFormat = "yyyy-MM-dd";

    /// <summary>Characters of a key's name.</summary>
    public const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>
    /// <see cref="ApiKeys.None"/> when something is wrong; <paramref name="errors"/> then names each entry that is, by its place and its
    /// name, and quotes nothing else of it: somebody may have put a key where its hash belongs.
    /// </summary>
    /// <param name="list">The variable's value.</param>
    /// <param name="models">What <c>models=</c> may name.</param>
    /// <param name="errors">Receives the messages.</param>
    public static ApiKeys Parse(string list, IReadOnlyList<ServedModel> models, ICollection<string> errors)
    {
        var errorsBefore = errors.Count;
        var keys = new List<ApiKey>();
        var place = 0;
        foreach (var entry in list.Split(','))
        {
            place++;
            if (Read(entry.Trim(), place, models, errors) is not { } key)
            {
                continue;
            }

            if (keys.Exists(other => other.Name == key.Name))
            {
                errors.Add($"{Label(place, key.Name)} has a name that another entry has already.");
            }
            else if (keys.Find(other => other.Hash.Span.SequenceEqual(key.Hash.Span)) is { } same)
            {
                errors.Add($"{Label(place, key.Name)} has the same hash as '{same.Name}'.");
            }

            keys.Add(key);
        }

        return errors.Count > errorsBefore ? ApiKeys.None : new ApiKeys(keys);
    }

    /// <summary>Names go into log lines as they are.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxNameLength && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    private static ApiKey? Read(string entry, int place, IReadOnlyList<ServedModel> models, ICollection<string> errors)
    {
        var parts = entry.Split(';');
        var equals = parts[0].IndexOf('=');
        var name = equals < 0 ? "" : parts[0][..equals];
        if (!IsName(name))
        {
            errors.Add(
                $"{Variable}: entry {place} must begin with a name of 1 to {MaxNameLength} letters, digits, '.', '_' and '-', and '='.");
            return null;
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        if (Convert.FromHexString(parts[0].AsSpan(equals + 1), hash, out _, out var written) != OperationStatus.Done
            || written != hash.Length)
        {
            errors.Add($"{Label(place, name)} must have a SHA-256 hash of {2 * hash.Length} hexadecimal digits behind its '='.");
            return null;
        }

        var key = new ApiKey { Name = name, Hash = hash };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in parts.AsSpan(1))
        {
            var separator = option.IndexOf('=');
            var optionName = separator < 0 ? "" : option[..separator].Trim();
            if (optionName.Length > 0 && !seen.Add(optionName))
            {
                errors.Add($"{Label(place, name)} has the same option twice.");
                return null;
            }

            if (Amend(key, optionName, option[(separator + 1)..].Trim(), models, out var amended) is { } problem)
            {
                errors.Add($"{Label(place, name)} {problem}");
                return null;
            }

            key = amended;
        }

        return key;
    }

    /// <returns>What is wrong with the option, or null.</returns>
    private static string? Amend(ApiKey key, string option, string value, IReadOnlyList<ServedModel> models, out ApiKey amended)
    {
        amended = key;
        switch (option)
        {
            case "expires":
                if (!DateOnly.TryParseExact(value, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    return $"must have a date as {DateFormat.ToUpperInvariant()} behind 'expires='.";
                }

                amended = key with { LastDay = day };
                return null;

            case "models":
                var ids = value.Split('|');
                var unknown = Array.Find(ids, id => !models.Any(model => model.Id == id));
                amended = key with { Models = ids };
                return unknown is null ? null : "names a model behind 'models=' that this function does not serve.";

            case "max_new_tokens":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit < 1)
                {
                    return "must have a whole number from 1 behind 'max_new_tokens='.";
                }

                amended = key with { MaxNewTokens = limit };
                return null;

            default:
                return "has an option that is none of expires, models and max_new_tokens.";
        }
    }

    private static string Label(int place, string name) => $"{Variable}: entry {place} ('{name}')";
}
