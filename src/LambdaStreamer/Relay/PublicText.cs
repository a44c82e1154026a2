using System.Buffers;
using System.Net;
using System.Text;

namespace LambdaStreamer.Relay;

/// <summary>
/// Makes a container's or SageMaker's message fit for a client. Takes out account ids and any other run of twelve digits, ARNs, names and
/// addresses of hosts, absolute paths of files, stack traces and control characters; leaves the sentence. What is taken out of a sentence
/// leaves an ellipsis. Plain scanning, cold: it runs once per failure.
/// </summary>
/// <remarks>
/// Invariant: no pass makes the text longer, and passes are repeated until one changes nothing; so the result is stable and the work ends.
/// </remarks>
public static class PublicText
{
    private const int MaxLength = 1000;

    // Of which so much may be taken out.
    private const int MaxLineLength = 4 * MaxLength;

    // What a reply to one request holds at most; more of it isn't looked at.
    private const int MaxScanned = 64 * 1024;

    private const char Gap = '…';

    private const string ArnBegin = "arn:";
    private const string AwsHost = "amazonaws";

    // " See https://us-east-1.console.aws.amazon.com/… in account 123456789012 for more information."
    private const string LogHintBegin = "See https://";
    private const string LogHintEnd = "for more information";

    // Ends of what is written without blanks: an address, an ARN, a path.
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(" \"'`<>()[]{}|,;");

    // Public documentation that messages of containers point their callers to. Any other host may be internal.
    private static readonly string[] PublicHosts = ["huggingface.co", "errors.pydantic.dev", "docs.vllm.ai"];

    /// <summary>
    /// One line of at most 1,000 characters, never longer than <paramref name="message"/>; empty when nothing was left. No API route is
    /// taken for a file: a path of one segment and paths below <c>/v1/</c> stay.
    /// </summary>
    public static string Of(string message)
    {
        var text = message.Length > MaxScanned ? message[..MaxScanned] : message;
        while (true)
        {
            var next = Pass(text);
            if (next == text)
            {
                return text;
            }

            text = next;
        }
    }

    private static string Pass(string text)
    {
        // The trace first: what was thrown stands behind it. Then cut before the rest looks at it: what a word is may be looked up again
        // for each of its characters.
        var line = Flatten(StackTrace.Drop(text));
        return Cap(HideNumbers(HideArns(HideWords(HideAddresses(DropLogHint(line))))), MaxLength);
    }

    /// <summary>
    /// Blanks and control characters become one blank; half a character becomes the character for that. What is too long is cut.
    /// </summary>
    private static string Flatten(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxLineLength));
        for (var at = 0; at < text.Length; at++)
        {
            if (line.Length >= MaxLineLength)
            {
                return WithoutLastWord(line.ToString());
            }

            var character = text[at];
            if (char.IsControl(character) || char.IsWhiteSpace(character))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else if (char.IsHighSurrogate(character) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                line.Append(character).Append(text[++at]);
            }
            else
            {
                line.Append(char.IsSurrogate(character) ? '\ufffd' : character);
            }
        }

        return line.ToString().TrimEnd(' ');
    }

    /// <summary>A word that was cut can't be told from one that may stay: the half of an account id is still its half.</summary>
    private static string WithoutLastWord(string text)
    {
        var end = text.AsSpan().LastIndexOfAny(Delimiters);

        // Of a text without any words its first characters stay; the digits at its end are what a word may be torn in.
        var kept = end < 0 ? text.AsSpan().TrimEnd("0123456789.-:") : text.AsSpan(0, end).TrimEnd(' ');
        return string.Concat(kept, [Gap]);
    }

    private static string DropLogHint(string text)
    {
        var begin = text.IndexOf(LogHintBegin, StringComparison.Ordinal);
        var end = begin < 0 ? -1 : text.IndexOf(LogHintEnd, begin, StringComparison.Ordinal);
        if (end < 0)
        {
            return text;
        }

        end += LogHintEnd.Length;
        end += end < text.Length && text[end] == '.' ? 1 : 0;
        var hint = text.AsSpan(begin, end - begin);
        return hint.Contains("aws", StringComparison.Ordinal)
            ? string.Concat(text.AsSpan(0, begin).TrimEnd(), text.AsSpan(end))
            : text;
    }

    /// <summary>Everything with a scheme and a host, unless the host is public.</summary>
    private static string HideAddresses(string text)
    {
        var kept = new StringBuilder(text.Length);
        var copied = 0;
        while (text.IndexOf("://", copied, StringComparison.Ordinal) is var colon and >= 0)
        {
            var begin = colon;
            while (begin > copied && (char.IsAsciiLetterOrDigit(text[begin - 1]) || text[begin - 1] is '+' or '.' or '-'))
            {
                begin--;
            }

            var end = EndOfWord(text, colon + 3);
            kept.Append(text, copied, begin - copied);
            if (IsPublic(text.AsSpan(begin, end - begin)))
            {
                kept.Append(text, begin, end - begin);
            }
            else
            {
                kept.Append(Gap);
            }

            copied = end;
        }

        return kept.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool IsPublic(ReadOnlySpan<char> address)
    {
        const string Scheme = "https://";
        if (!address.StartsWith(Scheme, StringComparison.Ordinal) || address.Contains(AwsHost, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // With a port or a user name it is no documentation.
        var host = address[Scheme.Length..];
        host = host.IndexOfAny('/', '?', '#') is var end and >= 0 ? host[..end] : host;
        foreach (var known in PublicHosts)
        {
            if (host.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Files, and hosts without a scheme.</summary>
    private static string HideWords(string text)
    {
        var kept = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var end = EndOfWord(text, at);
            var word = text.AsSpan(at, end - at);
            if (word.IsEmpty)
            {
                kept.Append(text[at++]);
                continue;
            }

            var hidden = IsHost(word) ? 0 : StartOfPath(word);
            kept.Append(hidden < 0 ? word : word[..hidden]);
            if (hidden >= 0)
            {
                kept.Append(Gap);
            }

            at = end;
        }

        return kept.ToString();
    }

    private static bool IsHost(ReadOnlySpan<char> word)
    {
        if (word.Contains(AwsHost, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var host = word[(word.IndexOf('=') + 1)..];
        host = host.IndexOfAny(':', '/') is var end and >= 0 ? host[..end] : host;
        return (host.Length < word.Length && host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            || host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            || (host.Count('.') == 3 && IPAddress.TryParse(host, out _));
    }

    /// <summary>Where an absolute path of a file begins in a word, at its beginning or after <c>=</c>, <c>:</c> or <c>~</c>; or -1.</summary>
    private static int StartOfPath(ReadOnlySpan<char> word)
    {
        for (var at = 0; at < word.Length; at++)
        {
            if (at > 0 && word[at - 1] is not ('=' or ':' or '~' or Gap))
            {
                continue;
            }

            var rest = word[at..];
            if (rest[0] == '/' && rest.Length > 1 && rest[1] != '/' && IsFile(rest[1..]))
            {
                return at;
            }

            if (rest.Length > 3 && char.IsAsciiLetter(rest[0]) && rest[1] == ':' && rest[2] == '\\')
            {
                return at;
            }
        }

        return -1;
    }

    private static bool IsFile(ReadOnlySpan<char> path) =>
        path.IndexOf('/') is var slash and > 0 && slash < path.Length - 1 && !path.StartsWith("v1/", StringComparison.Ordinal);

    private static string HideArns(string text)
    {
        var kept = new StringBuilder(text.Length);
        var copied = 0;
        while (text.IndexOf(ArnBegin, copied, StringComparison.OrdinalIgnoreCase) is var begin and >= 0)
        {
            kept.Append(text, copied, begin - copied);
            copied = begin + ArnBegin.Length;
            var isOfAws = text.AsSpan(copied).StartsWith("aws", StringComparison.OrdinalIgnoreCase);
            if (begin > 0 && char.IsAsciiLetter(text[begin - 1]) && !isOfAws)
            {
                // A "warn:" loses its colon: no reader need wonder whether it is an ARN.
                kept.Append(text, begin, ArnBegin.Length - 1);
            }
            else
            {
                kept.Append(Gap);
                copied = EndOfWord(text, copied);
            }
        }

        return kept.Append(text, copied, text.Length - copied).ToString();
    }

    private static string HideNumbers(string text)
    {
        var kept = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var length = NumericName.LengthAt(text, at);
            if (length > 0)
            {
                kept.Append(Gap);
            }
            else
            {
                length = Math.Max(1, NumericName.DigitsAt(text.AsSpan(at)));
                kept.Append(text, at, length);
            }

            at += length;
        }

        return kept.ToString();
    }

    private static string Cap(string text, int maxLength)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        var length = char.IsHighSurrogate(text[maxLength - 2]) ? maxLength - 2 : maxLength - 1;
        return text[..length] + Gap;
    }

    /// <summary>Where a word ends that contains or begins at this place; punctuation at its end is the sentence's.</summary>
    private static int EndOfWord(string text, int begin)
    {
        var length = text.AsSpan(begin).IndexOfAny(Delimiters);
        var end = length < 0 ? text.Length : begin + length;
        while (end > begin && text[end - 1] is '.' or ':' or '!' or '?' or '\\')
        {
            end--;
        }

        return end;
    }
}
