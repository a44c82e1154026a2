using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// Reads a Function URL's event, payload format 2.0 (AWS Lambda Developer Guide, "Invoking Lambda function URLs"). Members documented as
/// unused may be null or missing; both are read as absent. The body is unescaped, and decoded where <c>isBase64Encoded</c> says so, into
/// one buffer.
/// </summary>
public static class EventReader
{
    /// <summary>False: this is no Function URL event, but some JSON that somebody invoked the function with directly.</summary>
    /// <exception cref="JsonException">It claims to be one and is broken.</exception>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out HttpRequest? request)
    {
        request = new HttpRequest();
        try
        {
            if (TryRead(json, request))
            {
                return true;
            }
        }
        catch (InvalidOperationException e)
        {
            request.Dispose();
            throw new JsonException("A member of the event has an unexpected type.", e);
        }
        catch
        {
            request.Dispose();
            throw;
        }

        request.Dispose();
        request = null;
        return false;
    }

    private static bool TryRead(ReadOnlySpan<byte> json, HttpRequest request)
    {
        var reader = new Utf8JsonReader(json);
        var hasHttpContext = false;
        var isBase64 = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("rawPath"u8))
            {
                request.Path = ReadString(ref reader) ?? "/";
            }
            else if (reader.ValueTextEquals("rawQueryString"u8))
            {
                request.Query = ReadString(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("headers"u8))
            {
                ReadHeaders(ref reader, request.Headers);
            }
            else if (reader.ValueTextEquals("requestContext"u8))
            {
                hasHttpContext = ReadContext(ref reader, request);
            }
            else if (reader.ValueTextEquals("body"u8))
            {
                ReadBody(ref reader, request.BodyBuffer);
            }
            else if (reader.ValueTextEquals("isBase64Encoded"u8))
            {
                reader.Read();
                isBase64 = reader.TokenType == JsonTokenType.True;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (hasHttpContext && isBase64)
        {
            DecodeBase64(request.BodyBuffer);
        }

        return hasHttpContext;
    }

    /// <summary><c>requestContext.http.method</c> is what tells a Function URL's event from any other JSON.</summary>
    private static bool ReadContext(ref Utf8JsonReader reader, HttpRequest request)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var hasMethod = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isHttp = reader.ValueTextEquals("http"u8);
            reader.Read();
            if (!isHttp || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("method"u8) && ReadString(ref reader) is { } method)
                {
                    request.Method = method;
                    hasMethod = true;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }

        return hasMethod;
    }

    private static void ReadHeaders(ref Utf8JsonReader reader, Dictionary<string, string> headers)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            headers[name] = ReadString(ref reader) ?? "";
        }
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static void ReadBody(ref Utf8JsonReader reader, ByteBuffer body)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.Null)
        {
            var target = body.GetSpan(reader.ValueSpan.Length);
            body.Advance(reader.CopyString(target));
        }
    }

    private static void DecodeBase64(ByteBuffer body)
    {
        if (Base64.DecodeFromUtf8InPlace(body.UnreadForUpdate, out var length) != OperationStatus.Done)
        {
            throw new JsonException("The event's body is not base64 although isBase64Encoded says so.");
        }

        body.Truncate(length);
    }
}
