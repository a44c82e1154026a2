using System.Buffers;
using System.Globalization;
using System.Text;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// A request line and header section, parsed as RFC 9112 writes them and no other way: CRLF line ends, one space between the parts of
/// the request line, no folded lines, no blank before a colon. A runtime that is off here is off on real Lambda one day.
/// </summary>
internal sealed class RequestHead
{
    /// <summary>Go's server, which answers on real Lambda, takes a megabyte; a runtime's X-Ray cause header may come near.</summary>
    public const int MaxBytes = (1024 * 1024) + 4096;

    public const int MaxFields = 200;

    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private RequestHead(string method, string target, List<HeaderField> fields)
    {
        Method = method;
        Target = target;
        Fields = fields;
    }

    public string Method { get; }

    public string Target { get; }

    public IReadOnlyList<HeaderField> Fields { get; }

    /// <summary>Whether a chunked body follows; <see cref="ContentLength"/> counts otherwise.</summary>
    public bool IsChunked { get; private set; }

    /// <summary>Body length in bytes; 0 without a body, meaningless when <see cref="IsChunked"/>.</summary>
    public long ContentLength { get; private set; }

    public bool ClosesConnection => Values("Connection").Any(value => value.Equals("close", StringComparison.OrdinalIgnoreCase));

    public string? this[string name] =>
        Fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The members of a comma-separated field, over all its lines.</summary>
    public IEnumerable<string> Values(string name) =>
        Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(field => field.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// Takes a head off the start of <paramref name="source"/>. NeedMoreData consumes nothing; <paramref name="searchedTo"/> remembers
    /// how far the end was looked for, so that a head arriving byte by byte is not searched again from its start.
    /// </summary>
    public static OperationStatus TryParse(
        ReadOnlySpan<byte> source, ref int searchedTo, out RequestHead? head, out int consumed, out string problem)
    {
        head = null;
        consumed = 0;
        problem = "";
        var end = source[searchedTo..].IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            searchedTo = Math.Max(0, source.Length - 3);
            if (source.Length <= MaxBytes)
            {
                return OperationStatus.NeedMoreData;
            }

            problem = $"request head longer than {MaxBytes} bytes";
            return OperationStatus.InvalidData;
        }

        consumed = searchedTo + end + 4;
        searchedTo = 0;
        var lines = source[..(consumed - 4)];
        problem = ParseLines(lines, out head) ?? "";
        return problem.Length == 0 ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>Parses one <c>name: value</c> line; null when it is not one.</summary>
    public static HeaderField? ParseField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(TokenBytes))
        {
            return null;
        }

        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (value.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
        {
            return null;
        }

        return new HeaderField(Encoding.ASCII.GetString(line[..colon]), Encoding.UTF8.GetString(value));
    }

    private static string? ParseLines(ReadOnlySpan<byte> lines, out RequestHead? head)
    {
        head = null;
        var lineEnd = lines.IndexOf("\r\n"u8);
        var requestLine = lineEnd < 0 ? lines : lines[..lineEnd];
        var parts = Encoding.ASCII.GetString(requestLine).Split(' ');
        if (parts.Length != 3 || parts.Any(part => part.Length == 0) || requestLine.IndexOfAny((byte)'\r', (byte)'\n', (byte)'\t') >= 0)
        {
            return "request line is not 'method target version'";
        }

        if (parts[2] != "HTTP/1.1")
        {
            return $"version {parts[2]} is not HTTP/1.1";
        }

        var fields = new List<HeaderField>();
        while (lineEnd >= 0)
        {
            lines = lines[(lineEnd + 2)..];
            lineEnd = lines.IndexOf("\r\n"u8);
            var field = ParseField(lineEnd < 0 ? lines : lines[..lineEnd]);
            if (field is null)
            {
                return "header line is not 'name: value'";
            }

            fields.Add(field.Value);
            if (fields.Count > MaxFields)
            {
                return $"more than {MaxFields} header lines";
            }
        }

        head = new RequestHead(parts[0], parts[1], fields);
        return head.ReadFraming();
    }

    // RFC 9112 6.3: a message with both lengths, or with two that differ, is an attack or a bug; refuse rather than choose.
    private string? ReadFraming()
    {
        var hosts = Fields.Count(field => field.Name.Equals("Host", StringComparison.OrdinalIgnoreCase));
        if (hosts != 1)
        {
            return $"{hosts} Host headers";
        }

        var codings = Values("Transfer-Encoding").ToArray();
        var lengths = Values("Content-Length").Distinct().ToArray();
        if (codings.Length > 0)
        {
            IsChunked = codings.Length == 1 && codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase);
            return (IsChunked, lengths.Length) switch
            {
                (false, _) => "Transfer-Encoding is not 'chunked'",
                (true, 0) => null,
                _ => "both Transfer-Encoding and Content-Length",
            };
        }

        if (lengths.Length == 0)
        {
            return null;
        }

        if (lengths.Length > 1 || !long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return "Content-Length is not one number";
        }

        ContentLength = length;
        return null;
    }
}
