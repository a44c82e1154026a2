using System.Net;

namespace LambdaStreamer.Relay;

/// <summary>
/// Knows the names that are made of digits: AWS accounts (<c>123456789012</c>, <c>1234-5678-9012</c>), IPv4 addresses with and without a
/// port, IPv6 addresses in brackets, and EC2's host names (<c>ip-10-0-12-34</c>).
/// </summary>
internal static class NumericName
{
    private const int AccountIdLength = 12;
    private const string HyphenatedAccountId = "dddd-dddd-dddd";
    private const string HostBegin = "ip-";
    private const int AddressParts = 4;
    private const int MaxPartDigits = 3;
    private const int MaxPortDigits = 5;

    // Longer than any IPv6 address with its zone.
    private const int MaxBracketed = 64;

    /// <summary>The length of the name that begins at this place; 0 when none does.</summary>
    public static int LengthAt(ReadOnlySpan<char> text, int at)
    {
        var rest = text[at..];
        if (DigitsAt(rest) is >= AccountIdLength and var digits)
        {
            return digits;
        }

        if (rest[0] == '[')
        {
            return BracketedLength(rest);
        }

        if (at > 0 && char.IsAsciiLetterOrDigit(text[at - 1]))
        {
            return 0;
        }

        return rest.StartsWith(HostBegin, StringComparison.OrdinalIgnoreCase) ? HostLength(rest)
            : IsHyphenatedAccountId(rest) ? HyphenatedAccountId.Length
            : PartsLength(rest, '.') is > 0 and var length ? length + PortLength(rest[length..])
            : 0;
    }

    /// <summary>How many digits the text begins with.</summary>
    public static int DigitsAt(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;

    private static int HostLength(ReadOnlySpan<char> text) =>
        PartsLength(text[HostBegin.Length..], '-') is > 0 and var length ? HostBegin.Length + length : 0;

    private static bool IsHyphenatedAccountId(ReadOnlySpan<char> text)
    {
        const string Form = HyphenatedAccountId;
        if (text.Length < Form.Length || (text.Length > Form.Length && char.IsAsciiDigit(text[Form.Length])))
        {
            return false;
        }

        for (var at = 0; at < Form.Length; at++)
        {
            if (Form[at] == '-' ? text[at] != '-' : !char.IsAsciiDigit(text[at]))
            {
                return false;
            }
        }

        return true;
    }

    private static int PartsLength(ReadOnlySpan<char> text, char separator)
    {
        var length = 0;
        for (var part = 0; part < AddressParts; part++)
        {
            if (part > 0 && (length == text.Length || text[length++] != separator))
            {
                return 0;
            }

            var digits = DigitsAt(text[length..]);
            if (digits is 0 or > MaxPartDigits || int.Parse(text.Slice(length, digits), null) > byte.MaxValue)
            {
                return 0;
            }

            length += digits;
        }

        return length;
    }

    private static int BracketedLength(ReadOnlySpan<char> text)
    {
        var end = text[..Math.Min(text.Length, MaxBracketed)].IndexOf(']');
        return end > 0 && text[1..end].Contains(':') && IPAddress.TryParse(text[1..end], out _)
            ? end + 1 + PortLength(text[(end + 1)..])
            : 0;
    }

    private static int PortLength(ReadOnlySpan<char> text) =>
        text is [':', ..] && DigitsAt(text[1..]) is > 0 and <= MaxPortDigits and var digits ? 1 + digits : 0;
}
