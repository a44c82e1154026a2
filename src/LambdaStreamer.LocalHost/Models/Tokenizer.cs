using System.Text;

namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// Cuts a text into pieces that look like a real tokenizer's: leading blanks belong to words, long words fall apart, punctuation stands
/// alone, rare characters are spelt in bytes. There is no vocabulary: a piece's id is a hash of its bytes, the same in every run.
/// Joined again, the pieces are exactly the text.
/// </summary>
internal static class Tokenizer
{
    private const int LongestWordPiece = 9;

    // Below this lie special tokens and the 256 byte tokens.
    private const int FirstByteId = 16;
    private const int FirstHashedId = 512;

    // Characters of the rinna texts that a vocabulary of 65,536 does not hold, so that byte fallback occurs inside the basic plane too.
    private const string RareCharacters = "躊躇麒麟齟齬";

    private const string NewlineTag = "<NL>";

    public static IReadOnlyList<TokenPiece> Cut(JumpStartModel model, string text)
    {
        var pieces = new List<TokenPiece>();
        for (var at = 0; at < text.Length;)
        {
            var length = PieceLength(model.Tokenizer, text, at);
            Add(model, text.AsSpan(at, length), pieces);
            at += length;
        }

        return pieces;
    }

    /// <summary>Number of tokens that a prompt counts for, with the special token in front of it if there is one.</summary>
    public static int InputLength(JumpStartModel model, string prompt) => Cut(model, prompt).Count + (model.AddsBosToken ? 1 : 0);

    private static int PieceLength(TokenizerKind kind, string text, int start)
    {
        if (kind is TokenizerKind.SentencePieceNewlineTag && string.CompareOrdinal(text, start, NewlineTag, 0, NewlineTag.Length) == 0)
        {
            return NewlineTag.Length;
        }

        if (text[start] == '\n')
        {
            return kind is TokenizerKind.ByteLevel && start + 1 < text.Length && text[start + 1] == '\n' ? 2 : 1;
        }

        var at = start;
        if (text[at] == ' ' && at + 1 < text.Length && text[at + 1] is not (' ' or '\n'))
        {
            at++;
        }

        if (IsSpeltInBytes(text, at))
        {
            // The blank before it stays a piece of its own: a byte token stands for nothing else.
            return at > start ? 1 : char.IsSurrogatePair(text, at) ? 2 : 1;
        }

        var script = ScriptOf(text[at]);
        var longest = script switch
        {
            Script.Letter => LongestWordPiece,
            Script.Hiragana => 3,
            Script.Katakana => 4,
            Script.Kanji => 2,
            _ => 1,
        };

        var first = at++;
        while (at < text.Length && at - first < longest && ScriptOf(text[at]) == script
            && !IsSpeltInBytes(text, at) && !StartsInnerWord(text, at))
        {
            at++;
        }

        // A word longer than the longest piece falls apart in front of its ending instead of losing a single last letter.
        var wordGoesOn = script is Script.Letter && at < text.Length && at - first == longest && ScriptOf(text[at]) is Script.Letter;
        return (wordGoesOn ? at - 3 : at) - start;
    }

    // "SageMaker" is " Sage" and "Maker".
    private static bool StartsInnerWord(string text, int at) => char.IsAsciiLetterUpper(text[at]) && char.IsAsciiLetterLower(text[at - 1]);

    private static bool IsSpeltInBytes(string text, int at) =>
        char.IsSurrogatePair(text, at) || RareCharacters.Contains(text[at], StringComparison.Ordinal);

    private static void Add(JumpStartModel model, ReadOnlySpan<char> piece, List<TokenPiece> pieces)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, utf8);

        if (IsSpeltInBytes(piece.ToString(), 0))
        {
            for (var at = 0; at < utf8.Length; at++)
            {
                pieces.Add(new TokenPiece(FirstByteId + utf8[at], utf8.AsMemory(at, 1)));
            }

            return;
        }

        pieces.Add(new TokenPiece(HashedId(utf8, model.VocabularySize), utf8));
    }

    // FNV-1a, 32 bits: short, and the same on every machine, which string.GetHashCode is not.
    private static int HashedId(ReadOnlySpan<byte> utf8, int vocabularySize)
    {
        var hash = 2166136261u;
        foreach (var value in utf8)
        {
            hash = unchecked((hash ^ value) * 16777619u);
        }

        return FirstHashedId + (int)(hash % (uint)(vocabularySize - FirstHashedId));
    }

    private static Script ScriptOf(char character) => character switch
    {
        >= '\u3041' and <= '\u309f' => Script.Hiragana,
        >= '\u30a0' and <= '\u30ff' => Script.Katakana,
        >= '\u4e00' and <= '\u9fff' => Script.Kanji,
        _ when char.IsLetter(character) => Script.Letter,
        _ => Script.Other,
    };

    private enum Script
    {
        Letter,
        Hiragana,
        Katakana,
        Kanji,
        Other,
    }
}
