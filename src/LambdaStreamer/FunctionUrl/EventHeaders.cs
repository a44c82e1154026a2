using System.Text.Json;
using LambdaStreamer.Relay;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// Reads an event's headers, <c>headers</c> (one text a name) and format 1.0's <c>multiValueHeaders</c> (an array of texts a name), and
/// holds them to what is taken of a request. The reader stands before the value and is left at its end.
/// </summary>
internal static class EventHeaders
{
    /// <summary>Half a dozen of them are AWS's own. Of a repeated header each value counts where the event has it by itself.</summary>
    private const int MaxCount = 128;

    /// <summary>Names and values, in bytes as they stand in the event. AWS itself takes a megabyte.</summary>
    private const int MaxBytes = 64 * 1024;

    private static RelayError TooLarge { get; } =
        RelayError.BadRequest(431, $"The request has more than {MaxCount} headers, or more than {MaxBytes} bytes of headers.");

    /// <summary>What stands there already stays: format 1.0 has of a repeated header only the last value here.</summary>
    /// <returns>False: a value has an unexpected type.</returns>
    public static bool TryReadSingle(ref Utf8JsonReader reader, HttpRequest request)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return IsNull(ref reader);
        }

        var (count, bytes, isSound) = (0, 0, true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameReader = reader;
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                reader.Skip();
                isSound = false;
            }
            else if (Fits(++count, bytes += nameReader.ValueSpan.Length + reader.ValueSpan.Length, request))
            {
                request.Headers.TryAdd(nameReader.GetString()!, reader.GetString() ?? "");
            }
        }

        return isSound;
    }

    /// <summary>Takes the place of what stands there already.</summary>
    /// <returns>False: a value has an unexpected type.</returns>
    public static bool TryReadMultiple(ref Utf8JsonReader reader, HttpRequest request)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return IsNull(ref reader);
        }

        var (count, bytes, isSound) = (0, 0, true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameReader = reader;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                isSound &= IsNull(ref reader);
                continue;
            }

            var values = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.String)
                {
                    isSound &= IsNull(ref reader);
                }
                else if (Fits(++count, bytes += nameReader.ValueSpan.Length + reader.ValueSpan.Length, request))
                {
                    values.Add(reader.GetString()!);
                }
            }

            if (request.Problem is null)
            {
                request.Headers[nameReader.GetString()!] = string.Join(',', values);
            }
        }

        return isSound;
    }

    /// <summary>Skips what is not.</summary>
    private static bool IsNull(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return reader.TokenType == JsonTokenType.Null;
    }

    private static bool Fits(int count, int bytes, HttpRequest request)
    {
        if (count > MaxCount || bytes > MaxBytes)
        {
            request.Problem ??= TooLarge;
        }

        return request.Problem is null;
    }
}
