using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.SageMaker;

/// <summary>What a container answered, as far as a model error of SageMaker's tells. Parses, no I/O.</summary>
/// <param name="Status">The container's HTTP status; 0 when it didn't answer in time; null when nothing tells.</param>
/// <param name="Message">The container's own words; null when nothing tells.</param>
internal readonly record struct ContainerReply(int? Status, string? Message)
{
    // Received client error (422) from primary with message "…". See https://… in account … for more information.
    private const string ClientErrorText = "Received client error (";
    private const string ServerErrorText = "Received server error (";
    private const string StatusEndText = ") from ";
    private const string QuoteBeginText = "with message \"";
    private const string QuoteEndText = "\". See ";

    // One JSON document within another, as a router makes of a worker's answer.
    private const int MaxDepth = 2;

    /// <summary>The members win where there are any; SageMaker's own message repeats both.</summary>
    /// <param name="message">SageMaker's message.</param>
    /// <param name="originalStatus">The member <c>OriginalStatusCode</c>.</param>
    /// <param name="originalMessage">The member <c>OriginalMessage</c>.</param>
    public static ContainerReply Of(string message, int? originalStatus, string? originalMessage)
    {
        var said = string.IsNullOrWhiteSpace(originalMessage) ? ReadQuote(message) : originalMessage;
        return new ContainerReply(originalStatus ?? ReadStatus(message), said is null ? null : Unwrap(said));
    }

    /// <summary>
    /// The message in TGI's <c>{"error","error_type"}</c>, OpenAI's <c>{"error":{"message"}}</c>, LMI's <c>{"code","error"}</c>, DJL's and
    /// vLLM's <c>{"message"}</c>, FastAPI's <c>{"detail"}</c> as text or as a list; any other text as it is.
    /// </summary>
    public static string Unwrap(string said)
    {
        var message = said;
        for (var depth = 0; depth < MaxDepth && ReadMessage(message) is { } inner; depth++)
        {
            message = inner;
        }

        return message;
    }

    private static int? ReadStatus(string message)
    {
        var begin = message.IndexOf(ClientErrorText, StringComparison.Ordinal);
        begin = begin < 0 ? message.IndexOf(ServerErrorText, StringComparison.Ordinal) : begin;
        if (begin < 0)
        {
            return null;
        }

        var rest = message.AsSpan(begin + ClientErrorText.Length);
        var end = rest.IndexOf(StatusEndText, StringComparison.Ordinal);
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
    }

    private static string? ReadQuote(string message)
    {
        var begin = message.IndexOf(QuoteBeginText, StringComparison.Ordinal);
        if (begin < 0)
        {
            return null;
        }

        var quote = message.AsSpan(begin + QuoteBeginText.Length);
        var end = quote.LastIndexOf(QuoteEndText, StringComparison.Ordinal);
        end = end < 0 ? quote.LastIndexOf('"') : end;
        quote = (end < 0 ? quote : quote[..end]).Trim();
        return quote.IsEmpty ? null : quote.ToString();
    }

    private static string? ReadMessage(string text)
    {
        var document = text.AsSpan().TrimStart();
        return document.StartsWith("{", StringComparison.Ordinal) ? ReadMessage(Encoding.UTF8.GetBytes(document.ToString())) : null;
    }

    /// <summary>Null when there is none. A document that was cut still gives the members before the cut.</summary>
    private static string? ReadMessage(ReadOnlySpan<byte> document)
    {
        string? message = null;
        string? error = null;
        string? detail = null;
        try
        {
            var reader = new Utf8JsonReader(document);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("Message"u8))
                {
                    message = ReadText(ref reader);
                }
                else if (reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("error_msg"u8))
                {
                    error = ReadText(ref reader);
                }
                else if (reader.ValueTextEquals("detail"u8))
                {
                    detail = ReadText(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What was read before counts. InvalidOperationException: a string that is no valid UTF-16.
        }

        // Where both are given, "error" is the status's name.
        return message ?? error ?? detail;
    }

    /// <summary>A text, or the first of those that an object or a list holds as its message.</summary>
    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() is { Length: > 0 } text ? text : null;
        }

        string? message = null;
        var depth = reader.CurrentDepth;
        while (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) || reader.CurrentDepth > depth)
        {
            if (reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                break;
            }

            var isMessage = reader.TokenType == JsonTokenType.PropertyName
                && (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("msg"u8));
            if (!reader.Read())
            {
                break;
            }

            message ??= isMessage && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }

        return message;
    }
}
