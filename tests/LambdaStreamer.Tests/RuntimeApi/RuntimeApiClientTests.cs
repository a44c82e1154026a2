using System.Text;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Tests.RuntimeApi;

public sealed class RuntimeApiClientTests : IDisposable
{
    private const string Event =
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536\r\nLambda-Runtime-Deadline-Ms: 1732270000123\r\n"
        + "Content-Length: 2\r\n\r\n{}";

    private readonly ScriptedPeer _peer = new();
    private readonly RuntimeApiClient _client;

    public RuntimeApiClientTests() => _client = new RuntimeApiClient(_peer.HostAndPort);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task Next_SendsTheDocumentedPoll()
    {
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        Assert.Equal(
            $"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {_peer.HostAndPort}\r\nUser-Agent: lambdastreamer/0.1\r\n\r\n",
            await connection.ReadUntilAsync("\r\n\r\n"));
        await connection.SendAsync(Event);
        await next;
    }

    [Fact]
    public async Task EventWithAllHeaders_IsReadWhole()
    {
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await connection.SendAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nlambda-runtime-aws-request-id: 8476a536\r\nLambda-Runtime-Deadline-Ms: 1732270000123\r\n"
            + "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:f\r\nLambda-Runtime-Trace-Id: Root=1-2-3;Sampled=1\r\n"
            + "Lambda-Runtime-Client-Context: {\"client\":\"é\"}\r\nLambda-Runtime-Cognito-Identity: {\"cognitoIdentityId\":\"i\"}\r\n"
            + "Lambda-Runtime-Aws-Tenant-Id: blue\r\nLambda-Runtime-Invocation-Id: nonce-1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "4\r\n{\"a\"\r\n4\r\n:1 }\r\n0\r\n\r\n");
        var invocation = await next;
        Assert.Equal("8476a536", invocation.RequestId);
        Assert.Equal(DateTimeOffset.Parse("2024-11-22T10:06:40.123Z", null), invocation.Deadline);
        Assert.Equal("arn:aws:lambda:us-east-1:123456789012:function:f", invocation.InvokedFunctionArn);
        Assert.Equal("Root=1-2-3;Sampled=1", invocation.TraceId);
        Assert.Equal("{\"client\":\"é\"}", invocation.ClientContext);
        Assert.Equal("{\"cognitoIdentityId\":\"i\"}", invocation.CognitoIdentity);
        Assert.Equal("blue", invocation.TenantId);
        Assert.Equal("nonce-1", invocation.InvocationId);
        Assert.Equal("{\"a\":1 }", Encoding.UTF8.GetString(invocation.Event.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Lambda-Runtime-Trace-Id: \r\nLambda-Runtime-Invocation-Id:\r\nLambda-Runtime-Client-Context: \r\n")]
    public async Task AbsentOrEmptyOptionalHeaders_AreNull(string headers)
    {
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await connection.SendAsync($"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\n{headers}Content-Length: 2\r\n\r\n{{}}");
        var invocation = await next;
        Assert.Null(invocation.TraceId);
        Assert.Null(invocation.InvocationId);
        Assert.Null(invocation.ClientContext);
        Assert.Equal(DateTimeOffset.MaxValue, invocation.Deadline);
    }

    [Fact]
    public async Task DeadlineThatNoCalendarHolds_IsNone()
    {
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await connection.SendAsync(Event.Replace("1732270000123", "1732270000123000000", StringComparison.Ordinal));
        Assert.Equal(DateTimeOffset.MaxValue, (await next).Deadline);
    }

    [Fact]
    public async Task LargestEvent_Arrives()
    {
        const int Length = (6 * 1024 * 1024) + 100;
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await connection.SendAsync($"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nContent-Length: {Length}\r\n\r\n");
        var body = new byte[Length];
        new Random(1).NextBytes(body);
        await connection.SendAsync(body);
        Assert.True((await next).Event.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task ServerThatCloses_IsConnectedToAgain()
    {
        var next = _client.NextAsync(Cancellation);
        using (var first = await _peer.AcceptAsync())
        {
            await first.SendAsync(Event.Replace("Content-Length", "Connection: close\r\nContent-Length", StringComparison.Ordinal));
            await next;
        }

        var again = _client.NextAsync(Cancellation);
        using var second = await _peer.AcceptAsync();
        await second.SendAsync(Event);
        Assert.Equal("8476a536", (await again).RequestId);
    }

    [Fact]
    public async Task KeptConnectionThatDied_IsReplacedAtOnce()
    {
        var next = _client.NextAsync(Cancellation);
        using (var first = await _peer.AcceptAsync())
        {
            await first.SendAsync(Event);
            await next;
            first.Reset();
        }

        var again = _client.NextAsync(Cancellation);
        using var second = await _peer.AcceptAsync();
        await second.ReadUntilAsync("\r\n\r\n");
        await second.SendAsync(Event);
        Assert.Equal("8476a536", (await again).RequestId);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", 500)]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}", 403)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0)]
    [InlineData("no HTTP\r\n\r\n", 0)]
    public async Task PollThatFails_Throws(string response, int status)
    {
        var next = _client.NextAsync(Cancellation);
        using var connection = await _peer.AcceptAsync();
        await connection.SendAsync(response);
        Assert.Equal(status, (await Assert.ThrowsAsync<RuntimeApiException>(async () => await next)).Status);
    }

    [Fact]
    public async Task Response_IsPostedWithItsLengthAndTheNonce()
    {
        var (invocation, connection) = await InvocationAsync();
        using (connection)
        {
            var respond = _client.RespondAsync(invocation, "{\"a\":1}"u8.ToArray(), Cancellation);
            Assert.Equal(
                $"POST /2018-06-01/runtime/invocation/8476a536/response HTTP/1.1\r\nHost: {_peer.HostAndPort}\r\nUser-Agent: lambdastreamer/0.1\r\n"
                + "Lambda-Runtime-Invocation-Id: nonce-1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
                await connection.ReadUntilAsync("{\"a\":1}"));
            await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}");
            await respond;
        }
    }

    [Fact]
    public async Task Error_IsPostedWithItsType()
    {
        var (invocation, connection) = await InvocationAsync();
        using (connection)
        {
            var report = _client.ReportErrorAsync(invocation, new FunctionError("Function.BadRequest", "No \"inputs\"."), Cancellation);
            Assert.Equal(
                $"POST /2018-06-01/runtime/invocation/8476a536/error HTTP/1.1\r\nHost: {_peer.HostAndPort}\r\nUser-Agent: lambdastreamer/0.1\r\n"
                + "Lambda-Runtime-Invocation-Id: nonce-1\r\nLambda-Runtime-Function-Error-Type: Function.BadRequest\r\n"
                + "Content-Type: application/vnd.aws.lambda.error+json\r\nContent-Length: 91\r\n\r\n"
                + "{\"errorMessage\":\"No \\u0022inputs\\u0022.\",\"errorType\":\"Function.BadRequest\",\"stackTrace\":[]}",
                await connection.ReadUntilAsync("[]}"));
            await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}");
            await report;
        }
    }

    [Fact]
    public async Task InitError_IsPostedWithoutANonce()
    {
        var report = _client.ReportInitErrorAsync(new FunctionError("Function.ConfigurationInvalid", "x"), Cancellation);
        using var connection = await _peer.AcceptAsync();
        var request = await connection.ReadUntilAsync("[]}");
        Assert.StartsWith("POST /2018-06-01/runtime/init/error HTTP/1.1\r\n", request);
        Assert.Contains("\r\nLambda-Runtime-Function-Error-Type: Function.ConfigurationInvalid\r\n", request);
        Assert.DoesNotContain("Invocation-Id", request);
        await connection.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        await report;
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    [InlineData(413)]
    [InlineData(500)]
    public async Task RefusedResponse_ThrowsWithItsStatus(int status)
    {
        var (invocation, connection) = await InvocationAsync();
        using (connection)
        {
            var respond = _client.RespondAsync(invocation, "{}"u8.ToArray(), Cancellation);
            await connection.ReadUntilAsync("{}");
            await connection.SendAsync($"HTTP/1.1 {status} No\r\nContent-Length: 20\r\n\r\n{{\"errorType\":\"Type\"}}");
            var refusal = await Assert.ThrowsAsync<RuntimeApiException>(async () => await respond);
            Assert.Equal(status, refusal.Status);
            Assert.Contains("{\"errorType\":\"Type\"}", refusal.Message);
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData(":80")]
    [InlineData("http://127.0.0.1:9001/")]
    [InlineData("127.0.0.1:70000")]
    public void AddressThatIsNotHostAndPort_IsRefused(string address) =>
        Assert.Throws<ArgumentException>(() => new RuntimeApiClient(address));

    private async Task<(Invocation Invocation, ScriptedPeer.Connection Connection)> InvocationAsync()
    {
        var next = _client.NextAsync(Cancellation);
        var connection = await _peer.AcceptAsync();
        await connection.ReadUntilAsync("\r\n\r\n");
        await connection.SendAsync(Event.Replace("Content-Length", "Lambda-Runtime-Invocation-Id: nonce-1\r\nContent-Length", StringComparison.Ordinal));
        return (await next, connection);
    }
}
