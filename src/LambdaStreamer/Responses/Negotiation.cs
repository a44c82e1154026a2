using System.Globalization;

namespace LambdaStreamer.Responses;

/// <summary>Chooses the answer's format by the request's <c>Accept</c> header (RFC 9110, 12.5.1).</summary>
public static class Negotiation
{
    private static readonly (MediaType Type, string Name)[] Names =
    [
        (MediaType.Text, "text/plain"),
        (MediaType.EventStream, "text/event-stream"),
        (MediaType.Ndjson, "application/x-ndjson"),
        (MediaType.Json, "application/json"),
    ];

    /// <summary>What is offered, for a client whose header names none of it.</summary>
    public static string Offered { get; } = string.Join(", ", Names.Select(static name => name.Name));

    /// <summary>
    /// The offered type with the highest q-value; the more specific range decides a type's q-value, the order of
    /// <see cref="MediaType"/> a tie. An absent or empty header accepts all. False: none is acceptable.
    /// </summary>
    /// <param name="onlyJson">The request asks for one buffered answer (<c>"stream": false</c>), so only that is offered.</param>
    public static bool TryChoose(string? accept, bool onlyJson, out MediaType chosen)
    {
        chosen = onlyJson ? MediaType.Json : MediaType.Text;
        if (string.IsNullOrWhiteSpace(accept))
        {
            return true;
        }

        var bestQuality = 0.0;
        foreach (var (type, name) in Names)
        {
            if (onlyJson && type != MediaType.Json)
            {
                continue;
            }

            var quality = QualityOf(name, accept);
            if (quality > bestQuality)
            {
                bestQuality = quality;
                chosen = type;
            }
        }

        return bestQuality > 0;
    }

    private static double QualityOf(string name, string accept)
    {
        var quality = 0.0;
        var bestSpecificity = -1;
        foreach (var range in accept.AsSpan().Split(','))
        {
            var member = accept.AsSpan()[range];
            var semicolon = member.IndexOf(';');
            var mediaRange = (semicolon < 0 ? member : member[..semicolon]).Trim();
            var specificity = Specificity(mediaRange, name);
            if (specificity > bestSpecificity)
            {
                bestSpecificity = specificity;
                quality = semicolon < 0 ? 1 : ReadQuality(member[(semicolon + 1)..]);
            }
        }

        return quality;
    }

    /// <summary>2: the type itself; 1: its <c>type/*</c>; 0: <c>*/*</c>; -1: no match.</summary>
    private static int Specificity(ReadOnlySpan<char> mediaRange, string name)
    {
        if (mediaRange.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            return 2;
        }

        if (mediaRange is "*/*" or "*")
        {
            // The lone "*" is not in the grammar, but old Java clients send it for */*.
            return 0;
        }

        return mediaRange.EndsWith("/*") && name.AsSpan().StartsWith(mediaRange[..^1], StringComparison.OrdinalIgnoreCase) ? 1 : -1;
    }

    /// <summary>The q parameter; 1 when absent, 0 when it is not a number (a range nobody can read is one nobody wants).</summary>
    private static double ReadQuality(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality)
                    ? Math.Clamp(quality, 0, 1)
                    : 0;
            }
        }

        return 1;
    }
}
