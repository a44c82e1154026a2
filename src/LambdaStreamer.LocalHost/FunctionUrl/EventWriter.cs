using System.Globalization;
using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.RuntimeApi;
using Microsoft.AspNetCore.Http.Features;

namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>
/// Writes the event of a Function URL call, payload format 2.0, auth type NONE. Fields that AWS documents as unused are left out, as in
/// events captured from real Function URLs.
/// </summary>
internal static class EventWriter
{
    // Names that concern the one connection only, plus those that the event carries elsewhere or anew.
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Cookie", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
    };

    public static byte[] Write(HttpContext context, byte[] body, string requestId, string traceId, DateTimeOffset time)
    {
        var request = context.Request;
        var (path, query) = SplitTarget(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        return AwsJson.Object(writer =>
        {
            writer.WriteString("version"u8, "2.0"u8);
            writer.WriteString("routeKey"u8, "$default"u8);
            writer.WriteString("rawPath"u8, path);
            writer.WriteString("rawQueryString"u8, query);
            WriteCookies(writer, request);
            WriteHeaders(writer, context, body, traceId);
            WriteQuery(writer, query);
            WriteRequestContext(writer, context, path, requestId, time);
            WriteBody(writer, request.ContentType, body);
        });
    }

    // The target as it was sent, still percent-encoded; the absolute form carries scheme and authority in front.
    private static (string Path, string Query) SplitTarget(string target)
    {
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var uri))
        {
            target = uri.PathAndQuery;
        }

        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
    }

    private static void WriteCookies(Utf8JsonWriter writer, HttpRequest request)
    {
        var cookies = request.Headers.Cookie
            .SelectMany(line => (line ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToArray();
        if (cookies.Length == 0)
        {
            return;
        }

        writer.WriteStartArray("cookies"u8);
        foreach (var cookie in cookies)
        {
            writer.WriteStringValue(cookie);
        }

        writer.WriteEndArray();
    }

    private static void WriteHeaders(Utf8JsonWriter writer, HttpContext context, byte[] body, string traceId)
    {
        var client = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var forwardedFor = context.Request.Headers["X-Forwarded-For"].Append(client);
        writer.WriteStartObject("headers"u8);
        foreach (var (name, values) in context.Request.Headers.Where(header => !NotPassedOn.Contains(header.Key)))
        {
            writer.WriteString(Lower(name), string.Join(',', values.ToArray()));
        }

        if (body.Length > 0 || context.Request.ContentLength is not null)
        {
            writer.WriteString("content-length"u8, body.Length.ToString(CultureInfo.InvariantCulture));
        }

        writer.WriteString("x-amzn-trace-id"u8, traceId);
        writer.WriteString("x-forwarded-for"u8, string.Join(", ", forwardedFor));
        writer.WriteString("x-forwarded-port"u8, context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("x-forwarded-proto"u8, context.Request.Scheme);
        writer.WriteEndObject();
    }

    private static void WriteQuery(Utf8JsonWriter writer, string query)
    {
        if (query.Length == 0)
        {
            return;
        }

        var parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => Decode(pair[0]), pair => pair.Length == 2 ? Decode(pair[1]) : "");
        writer.WriteStartObject("queryStringParameters"u8);
        foreach (var parameter in parameters)
        {
            writer.WriteString(parameter.Key, string.Join(',', parameter));
        }

        writer.WriteEndObject();
    }

    private static void WriteRequestContext(Utf8JsonWriter writer, HttpContext context, string path, string requestId, DateTimeOffset time)
    {
        // On AWS the host is {url-id}.lambda-url.{region}.on.aws, and its first label is the id.
        var domain = context.Request.Host.Host;
        var prefix = domain.Split('.')[0];
        writer.WriteStartObject("requestContext"u8);
        writer.WriteString("accountId"u8, "anonymous"u8);
        writer.WriteString("apiId"u8, prefix);
        writer.WriteString("domainName"u8, domain);
        writer.WriteString("domainPrefix"u8, prefix);
        writer.WriteStartObject("http"u8);
        writer.WriteString("method"u8, context.Request.Method);
        writer.WriteString("path"u8, path);
        writer.WriteString("protocol"u8, context.Request.Protocol);
        writer.WriteString("sourceIp"u8, context.Connection.RemoteIpAddress?.ToString() ?? "");
        writer.WriteString("userAgent"u8, context.Request.Headers.UserAgent.ToString());
        writer.WriteEndObject();
        writer.WriteString("requestId"u8, requestId);
        writer.WriteString("routeKey"u8, "$default"u8);
        writer.WriteString("stage"u8, "$default"u8);
        writer.WriteString("time"u8, time.ToString("dd/MMM/yyyy:HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        writer.WriteNumber("timeEpoch"u8, time.ToUnixTimeMilliseconds());
        writer.WriteEndObject();
    }

    // AWS publishes no list of text types; this is the rule that recordings agree with.
    private static void WriteBody(Utf8JsonWriter writer, string? contentType, byte[] body)
    {
        var isText = Ascii.IsValid(body) && contentType is not null
            && (contentType.Contains("text", StringComparison.OrdinalIgnoreCase)
                || contentType.Contains("json", StringComparison.OrdinalIgnoreCase)
                || contentType.Contains("xml", StringComparison.OrdinalIgnoreCase));
        if (body.Length > 0 && isText)
        {
            writer.WriteString("body"u8, body);
        }
        else if (body.Length > 0)
        {
            writer.WriteBase64String("body"u8, body);
        }

        writer.WriteBoolean("isBase64Encoded"u8, body.Length > 0 && !isText);
    }

    private static string Decode(string encoded) => Uri.UnescapeDataString(encoded.Replace('+', ' '));

    private static string Lower(string name) => string.Create(name.Length, name, (span, source) => source.AsSpan().ToLowerInvariant(span));
}
