using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>Writes the answers of the Runtime API, each with one socket send.</summary>
internal sealed class RuntimeApiAnswer(Socket socket, NextVariation variation)
{
    public const string InvocationIdHeader = "Lambda-Runtime-Invocation-Id";

    private const string RequestIdHeader = "Lambda-Runtime-Aws-Request-Id";
    private const string DeadlineHeader = "Lambda-Runtime-Deadline-Ms";
    private const string FunctionArnHeader = "Lambda-Runtime-Invoked-Function-Arn";
    private const string TraceIdHeader = "Lambda-Runtime-Trace-Id";
    private const string ClientContextHeader = "Lambda-Runtime-Client-Context";
    private const string CognitoIdentityHeader = "Lambda-Runtime-Cognito-Identity";
    private const string TenantIdHeader = "Lambda-Runtime-Aws-Tenant-Id";

    /// <summary>Says so in the answer's head; closing is up to the connection.</summary>
    public bool ClosesConnection { get; set; }

    /// <summary>Data segments received when the last answer was sent; what came since belongs to the next request.</summary>
    public int? SegmentsBefore { get; private set; } = 0;

    public Task PongAsync() => SendAsync("200 OK", "text/plain", "pong"u8);

    public Task AcceptedAsync() => SendAsync("202 Accepted", "application/json", """{"status":"OK"}"""u8);

    public Task ErrorAsync(int status, string errorType, string message)
    {
        var body = AwsJson.Object(writer =>
        {
            writer.WriteString("errorMessage"u8, message);
            writer.WriteString("errorType"u8, errorType);
        });

        var reason = status switch
        {
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            410 => "Gone",
            413 => "Request Entity Too Large",
            _ => "Internal Server Error",
        };
        return SendAsync($"{status} {reason}", "application/json", body);
    }

    public Task NextAsync(Invocation invocation)
    {
        var head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        AppendField(head, RequestIdHeader, invocation.RequestId);
        AppendField(
            head, DeadlineHeader, invocation.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        AppendOptionalField(head, FunctionArnHeader, invocation.FunctionArn);
        AppendOptionalField(head, TraceIdHeader, invocation.TraceId);
        AppendOptionalField(head, InvocationIdHeader, invocation.DeliveryId);
        AppendOptionalField(head, ClientContextHeader, invocation.ClientContext);
        AppendOptionalField(head, CognitoIdentityHeader, null);
        AppendOptionalField(head, TenantIdHeader, null);
        AppendOptionalField(head, "Content-Type", "application/json");
        if (!variation.ChunkedEvent)
        {
            return SendAsync(head, [invocation.Event], invocation.Event.Length);
        }

        // Cut in two so that a reader cannot take one chunk for the whole.
        var half = invocation.Event.Length / 2;
        var pieces = new List<ReadOnlyMemory<byte>>();
        foreach (var piece in new[] { invocation.Event[..half], invocation.Event[half..] }.Where(piece => !piece.IsEmpty))
        {
            pieces.AddRange([Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), piece, "\r\n"u8.ToArray()]);
        }

        pieces.Add("0\r\n\r\n"u8.ToArray());
        return SendAsync(head, pieces, contentLength: null);
    }

    private static void AppendField(StringBuilder head, string name, string value) =>
        head.Append(name).Append(": ").Append(value).Append("\r\n");

    private void AppendOptionalField(StringBuilder head, string name, string? value)
    {
        switch (variation.OptionalHeaders)
        {
            case OptionalHeaders.Sent when value is not null:
                AppendField(head, name, value);
                break;
            case OptionalHeaders.SentOrEmpty:
                AppendField(head, name, value ?? "");
                break;
            case OptionalHeaders.Empty:
                AppendField(head, name, "");
                break;
        }
    }

    private Task SendAsync(string status, string contentType, ReadOnlySpan<byte> body)
    {
        var head = new StringBuilder("HTTP/1.1 ").Append(status).Append("\r\n");
        AppendField(head, "Content-Type", contentType);
        return SendAsync(head, [body.ToArray()], body.Length);
    }

    private async Task SendAsync(StringBuilder head, IEnumerable<ReadOnlyMemory<byte>> body, int? contentLength)
    {
        if (ClosesConnection)
        {
            AppendField(head, "Connection", "close");
        }

        if (contentLength is { } length)
        {
            AppendField(head, "Content-Length", length.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            AppendField(head, "Transfer-Encoding", "chunked");
        }

        // UTF-8: a client context may hold any text.
        var bytes = new MemoryStream();
        bytes.Write(Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()));
        foreach (var piece in body)
        {
            bytes.Write(piece.Span);
        }

        SegmentsBefore = TcpSegments.Received(socket);
        var left = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        while (!left.IsEmpty)
        {
            left = left[await socket.SendAsync(left, SocketFlags.None).ConfigureAwait(false)..];
        }
    }
}
