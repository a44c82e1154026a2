namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// What a model says about building a website, and what it says about anything else; in Japanese too if it knows both languages. In the
/// source, a backslash at the end of a line means that the line goes on.
/// </summary>
public sealed record ModelTexts(string Website, string Other)
{
    private static readonly string[] WebsiteWords = ["website", "web site", "webpage", "web page", "ウェブサイト", "ホームページ"];

    /// <summary>The answer to a Japanese question about websites; null for a model that knows one language.</summary>
    public string? JapaneseWebsite { get; init; }

    /// <summary>The answer to any other Japanese question.</summary>
    public string? JapaneseOther { get; init; }

    internal string AnswerTo(string prompt)
    {
        var aboutWebsites = WebsiteWords.Any(word => prompt.Contains(word, StringComparison.OrdinalIgnoreCase));
        var japanese = JapaneseWebsite is not null && AsksInJapanese(prompt);
        var text = (japanese, aboutWebsites) switch
        {
            (true, true) => JapaneseWebsite,
            (true, false) => JapaneseOther,
            (false, true) => Website,
            (false, false) => Other,
        };

        return text!.Replace("\\\n", "", StringComparison.Ordinal);
    }

    // The prompt template itself is Japanese, so its words do not count.
    private static bool AsksInJapanese(string prompt) =>
        prompt.Replace("ユーザー:", "", StringComparison.Ordinal).Replace("システム:", "", StringComparison.Ordinal)
            .Any(character => character is >= '\u3040' and <= '\u9fff');
}
