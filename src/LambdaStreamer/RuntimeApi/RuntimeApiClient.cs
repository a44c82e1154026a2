using System.Globalization;
using System.Net;
using System.Text;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// AWS Lambda's Runtime API, version 2018-06-01 (AWS Lambda Developer Guide, "Using the Lambda runtime API"), for one invocation at a time.
/// Owns the connection for polls, buffered answers and errors; a streamed answer has one of its own, see <see cref="StreamedResponse"/>.
/// </summary>
/// <remarks>An invocation is over for Lambda only when <see cref="NextAsync"/> is called again; what runs before that is billed.</remarks>
public sealed class RuntimeApiClient : IDisposable
{
    private const string ApiPath = "/2018-06-01/runtime/";
    private const string UserAgent = "lambdastreamer/0.1";
    private const string JsonContentType = "application/json";
    private const string ErrorContentType = "application/vnd.aws.lambda.error+json";

    private readonly string _hostAndPort;
    private readonly EndPoint _endPoint;
    private readonly RuntimeApiConnection _connection;
    private readonly byte[] _nextHead;
    private readonly ByteBuffer _body = new();

    /// <param name="hostAndPort"><c>AWS_LAMBDA_RUNTIME_API</c>: <c>host:port</c>, no scheme.</param>
    public RuntimeApiClient(string hostAndPort)
    {
        var colon = hostAndPort.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(hostAndPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new ArgumentException($"AWS_LAMBDA_RUNTIME_API must be host:port, not \"{hostAndPort}\".", nameof(hostAndPort));
        }

        _hostAndPort = hostAndPort;
        var host = hostAndPort[..colon].Trim('[', ']');
        _endPoint = IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
        _connection = new RuntimeApiConnection(_endPoint);
        _nextHead = Encoding.ASCII.GetBytes(
            $"GET {ApiPath}invocation/next HTTP/1.1\r\nHost: {hostAndPort}\r\nUser-Agent: {UserAgent}\r\n\r\n");
    }

    /// <summary>Waits for the next event, for as long as it takes.</summary>
    /// <exception cref="RuntimeApiException">The environment is lost; the process has to exit.</exception>
    public async ValueTask<Invocation> NextAsync(CancellationToken cancellationToken)
    {
        await _connection.ExchangeAsync(_nextHead, default, cancellationToken).ConfigureAwait(false);
        var response = _connection.Response;
        if (response.Status != 200)
        {
            throw Refusal(_connection, "a poll for the next invocation");
        }

        return new Invocation
        {
            RequestId = response["Lambda-Runtime-Aws-Request-Id"]
                ?? throw new RuntimeApiException(0, "The Runtime API sent an event without Lambda-Runtime-Aws-Request-Id."),
            Deadline = ReadDeadline(response["Lambda-Runtime-Deadline-Ms"]),
            Event = _connection.Body,
            InvocationId = response["Lambda-Runtime-Invocation-Id"],
            InvokedFunctionArn = response["Lambda-Runtime-Invoked-Function-Arn"],
            TraceId = response["Lambda-Runtime-Trace-Id"],
            ClientContext = response["Lambda-Runtime-Client-Context"],
            CognitoIdentity = response["Lambda-Runtime-Cognito-Identity"],
            TenantId = response["Lambda-Runtime-Aws-Tenant-Id"],
        };
    }

    /// <summary>Answers with one JSON document, 6 MiB + 100 bytes at most.</summary>
    /// <exception cref="RuntimeApiException">The answer was refused, see <see cref="RuntimeApiException.Status"/>; 413 is reported to the
    /// caller by Lambda itself.</exception>
    public ValueTask RespondAsync(Invocation invocation, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        PostAsync(
            $"invocation/{invocation.RequestId}/response",
            json,
            JsonContentType,
            InvocationIdHeader(invocation),
            "a response",
            cancellationToken);

    /// <summary>
    /// Begins a streamed answer. Nothing is sent before its first flush, so <see cref="ReportErrorAsync"/> stays possible until then.
    /// </summary>
    public StreamedResponse OpenResponse(Invocation invocation) =>
        new(new RuntimeApiConnection(_endPoint), Head($"invocation/{invocation.RequestId}/response", InvocationIdHeader(invocation)));

    /// <summary>Reports a failed invocation; legal only while no answer has begun.</summary>
    /// <exception cref="RuntimeApiException">The report was refused.</exception>
    public ValueTask ReportErrorAsync(Invocation invocation, FunctionError error, CancellationToken cancellationToken) =>
        PostErrorAsync($"invocation/{invocation.RequestId}/error", error, InvocationIdHeader(invocation), "an error", cancellationToken);

    /// <summary>Reports that the process cannot start. It has to exit with a code other than 0 afterwards.</summary>
    /// <exception cref="RuntimeApiException">The report was refused.</exception>
    public ValueTask ReportInitErrorAsync(FunctionError error, CancellationToken cancellationToken) =>
        PostErrorAsync("init/error", error, "", "an init error", cancellationToken);

    public void Dispose()
    {
        _connection.Dispose();
        _body.Dispose();
    }

    internal static RuntimeApiException Refusal(RuntimeApiConnection connection, string what)
    {
        // The body is {"errorMessage","errorType"}; it is quoted as it is, for the log only, and capped.
        var body = Encoding.UTF8.GetString(connection.Body.Span[..Math.Min(connection.Body.Length, 512)]);
        var status = connection.Response.Status;
        return new RuntimeApiException(status, $"The Runtime API refused {what} with {status}: {body}");
    }

    private static string InvocationIdHeader(Invocation invocation) =>
        invocation.InvocationId is { } id ? $"Lambda-Runtime-Invocation-Id: {id}\r\n" : "";

    private static DateTimeOffset ReadDeadline(string? milliseconds) =>
        // In multi-concurrency mode the emulator's value is a million times too large; one that no calendar holds is "none".
        long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? DateTimeOffset.FromUnixTimeMilliseconds(value)
                : DateTimeOffset.MaxValue;

    private ValueTask PostErrorAsync(
        string path, FunctionError error, string extraHeaders, string what, CancellationToken cancellationToken)
    {
        _body.Clear();
        error.WriteJson(_body);
        var headers = $"{extraHeaders}Lambda-Runtime-Function-Error-Type: {error.Type}\r\n";
        return PostAsync(path, _body.UnreadMemory, ErrorContentType, headers, what, cancellationToken);
    }

    private async ValueTask PostAsync(
        string path, ReadOnlyMemory<byte> body, string contentType, string extraHeaders, string what, CancellationToken cancellationToken)
    {
        var head = Head(path, $"{extraHeaders}Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n");
        await _connection.ExchangeAsync(Encoding.UTF8.GetBytes(head), body, cancellationToken).ConfigureAwait(false);
        if (_connection.Response.Status is not (>= 200 and < 300))
        {
            throw Refusal(_connection, what);
        }
    }

    private string Head(string path, string headers) =>
        $"POST {ApiPath}{path} HTTP/1.1\r\nHost: {_hostAndPort}\r\nUser-Agent: {UserAgent}\r\n{headers}";
}
