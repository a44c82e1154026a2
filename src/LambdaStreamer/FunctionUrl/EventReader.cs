using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LambdaStreamer.Relay;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// Reads the event of an HTTP request: payload format 2.0 of a Function URL (AWS Lambda Developer Guide, "Invoking Lambda function URLs")
/// and format 1.0 of an API Gateway REST API (API Gateway Developer Guide, "Lambda proxy integrations"). Members documented as unused may
/// be null or missing; both are read as absent. The body stays where it lies, see <see cref="EventBody"/>.
/// </summary>
/// <remarks>
/// An event nested deeper than 64 (<see cref="JsonReaderOptions.MaxDepth"/>) is broken; the same holds for a body's JSON in the surfaces.
/// </remarks>
public static class EventReader
{
    /// <summary>Path and query together, in bytes as they stand in the event. RFC 9110, 4.1, asks for 8,000 at least.</summary>
    private const int MaxTargetBytes = 8000;

    private static RelayError TargetTooLong { get; } =
        RelayError.BadRequest(414, $"Path and query have more than {MaxTargetBytes} bytes.");

    /// <summary>False: this is no HTTP request, but some JSON that somebody invoked the function with directly.</summary>
    /// <param name="json">Must stay valid until the request's body was read.</param>
    /// <param name="request">Its <see cref="HttpRequest.Problem"/> tells of a head that is too large.</param>
    /// <exception cref="JsonException">It claims to be one and is broken.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out HttpRequest? request)
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
            throw new JsonException("A text of the event's head is not Unicode.", e);
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

    private static bool TryRead(ReadOnlyMemory<byte> json, HttpRequest request)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var context = new Context();
        var (isSound, isBase64, pathLength, queryLength) = (true, false, 0, 0);
        string? proxyMethod = null;
        ReadOnlyMemory<byte> body = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("rawPath"u8))
            {
                isSound &= TryReadString(ref reader, out var path);
                pathLength = reader.ValueSpan.Length;
                request.Path = Uri.UnescapeDataString(path ?? "/");
            }
            else if (reader.ValueTextEquals("path"u8))
            {
                isSound &= TryReadString(ref reader, out var path);
                pathLength = reader.ValueSpan.Length;
                request.Path = path ?? "/";
            }
            else if (reader.ValueTextEquals("rawQueryString"u8))
            {
                isSound &= TryReadString(ref reader, out _);
                queryLength = reader.ValueSpan.Length;
            }
            else if (reader.ValueTextEquals("queryStringParameters"u8) || reader.ValueTextEquals("multiValueQueryStringParameters"u8))
            {
                queryLength = Math.Max(queryLength, SkipParameters(ref reader));
            }
            else if (reader.ValueTextEquals("httpMethod"u8))
            {
                isSound &= TryReadString(ref reader, out proxyMethod);
            }
            else if (reader.ValueTextEquals("headers"u8))
            {
                isSound &= EventHeaders.TryReadSingle(ref reader, request);
            }
            else if (reader.ValueTextEquals("multiValueHeaders"u8))
            {
                isSound &= EventHeaders.TryReadMultiple(ref reader, request);
            }
            else if (reader.ValueTextEquals("requestContext"u8))
            {
                context = ReadContext(ref reader);
            }
            else if (reader.ValueTextEquals("body"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                isSound &= reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
                body = reader.TokenType == JsonTokenType.String ? json[start..(int)reader.BytesConsumed] : default;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("isBase64Encoded"u8))
            {
                reader.Read();
                isBase64 = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        // Throws when anything follows the object.
        reader.Read();

        // A load balancer's event looks like format 1.0 too, but it cannot stream.
        if (context.Method is null && !context.IsMethodBroken && (proxyMethod is null || context.IsLoadBalancer))
        {
            return false;
        }

        if (!isSound || context.IsMethodBroken)
        {
            throw new JsonException("A member of the event has an unexpected type.");
        }

        request.Method = context.Method ?? proxyMethod!;
        request.EventBody = new EventBody(body, isBase64);
        request.Problem = pathLength + queryLength > MaxTargetBytes ? TargetTooLong : request.Problem;
        return true;
    }

    /// <summary>
    /// <c>requestContext.http.method</c> is what tells an event of format 2.0 from any other JSON, <c>httpMethod</c> one of format 1.0.
    /// </summary>
    private static Context ReadContext(ref Utf8JsonReader reader)
    {
        var context = new Context();
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return context;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isHttp = reader.ValueTextEquals("http"u8);
            context.IsLoadBalancer |= reader.ValueTextEquals("elb"u8);
            reader.Read();
            if (!isHttp || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("method"u8))
                {
                    context.IsMethodBroken = !TryReadString(ref reader, out context.Method);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return context;
    }

    /// <summary>In bytes, about as they stood in the query: names, values, and a byte between any two.</summary>
    private static int SkipParameters(ref Utf8JsonReader reader)
    {
        reader.Read();
        var depth = reader.CurrentDepth;
        var length = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return length;
        }

        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
            {
                length += reader.ValueSpan.Length + 1;
            }
        }

        return length;
    }

    /// <summary>Null for null. False: it is of another type, and skipped.</summary>
    private static bool TryReadString(ref Utf8JsonReader reader, out string? text)
    {
        reader.Read();
        text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        reader.Skip();
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    private struct Context
    {
        public string? Method;
        public bool IsMethodBroken;
        public bool IsLoadBalancer;
    }
}
