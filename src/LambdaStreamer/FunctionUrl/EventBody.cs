using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using LambdaStreamer.Relay;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// A request's body as it lies in its event, a JSON string that may hold base64. Decoded when somebody reads it, so a request that is
/// refused for another reason does not pay for it. The event must stay valid until then.
/// </summary>
/// <param name="Json">The string with its quotes, known to be well-formed JSON; empty when there is no body.</param>
/// <param name="IsBase64"><c>isBase64Encoded</c>.</param>
internal readonly record struct EventBody(ReadOnlyMemory<byte> Json, bool IsBase64)
{
    /// <summary>Appends the body's own bytes to <paramref name="output"/>.</summary>
    /// <param name="maxLength">A longer body is refused before it is decoded.</param>
    public bool TryDecode(int maxLength, ByteBuffer output, [NotNullWhen(false)] out RelayError? problem)
    {
        problem = null;
        if (Json.IsEmpty)
        {
            return true;
        }

        // What is not longer as JSON is not longer as text.
        if (Json.Length > maxLength && DecodedLength() is var length && length > maxLength)
        {
            problem = RelayError.TooLarge(length, maxLength);
        }
        else if (!TryUnescape(output))
        {
            problem = RelayError.BadRequest(400, "The body is not Unicode text (bytes that are no UTF-8, or half of a surrogate pair).");
        }
        else if (IsBase64 && !TryDecodeBase64(output))
        {
            problem = RelayError.BadRequest(400, "The body is not base64 although its event says so.");
        }

        return problem is null;
    }

    /// <summary>In bytes; of base64 with blanks in it, which is not what AWS writes, an upper bound.</summary>
    private int DecodedLength()
    {
        var text = Json.Span[1..^1];
        var length = UnescapedLength(text);
        if (!IsBase64)
        {
            return length;
        }

        var padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        return (length / 4 * 3) - padding;
    }

    private static int UnescapedLength(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (text.IndexOf((byte)'\\') is >= 0 and var plain)
        {
            length += plain;
            text = text[plain..];
            if (text[1] != 'u')
            {
                length++;
                text = text[2..];
                continue;
            }

            // Of a surrogate pair's four bytes each half counts for two.
            var unit = ushort.Parse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            length += unit < 0x80 ? 1 : unit < 0x800 || char.IsSurrogate((char)unit) ? 2 : 3;
            text = text[6..];
        }

        return length + text.Length;
    }

    private bool TryUnescape(ByteBuffer output)
    {
        var reader = new Utf8JsonReader(Json.Span);
        reader.Read();
        try
        {
            output.Advance(reader.CopyString(output.GetSpan(reader.ValueSpan.Length)));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryDecodeBase64(ByteBuffer body)
    {
        if (Base64.DecodeFromUtf8InPlace(body.UnreadForUpdate, out var length) != OperationStatus.Done)
        {
            return false;
        }

        body.Truncate(length);
        return true;
    }
}
