using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.FunctionUrl;

public class FunctionUrlEventTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WholeEvent_IsPayloadFormat2()
    {
        var time = new ManualTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123));
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { TimeProvider = time });
        var port = twin.Twin.FunctionUrl.Port;
        var request =
            "POST /a%20b/%E2%82%AC?x=1%202&y=&x=a+b&flag HTTP/1.1\r\n"
            + "Host: abc.lambda-url.us-east-1.on.aws\r\n"
            + "User-Agent: probe/1\r\n"
            + "Content-Type: application/json\r\n"
            + "Content-Length: 9\r\n"
            + "X-Twice: one\r\n"
            + "Accept: */*\r\n"
            + "x-twice: two\r\n"
            + "Cookie: a=1; b=2\r\n"
            + "X-Amzn-Trace-Id: Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e\r\n"
            + "X-Forwarded-For: 203.0.113.9\r\n"
            + "\r\n{\"n\":\"+\"}";
        using var client = await SendAsync(port, request);
        await twin.Runtime.NextAsync();

        var expected = $$$"""
            {"version":"2.0","routeKey":"$default","rawPath":"/a%20b/%E2%82%AC","rawQueryString":"x=1%202&y=&x=a+b&flag",
            "cookies":["a=1","b=2"],
            "headers":{"accept":"*/*","host":"abc.lambda-url.us-east-1.on.aws","user-agent":"probe/1","content-type":"application/json",
            "x-twice":"one,two","content-length":"9","x-amzn-trace-id":"Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for":"203.0.113.9, 127.0.0.1","x-forwarded-port":"{{{port}}}","x-forwarded-proto":"http"},
            "queryStringParameters":{"x":"1 2,a b","y":"","flag":""},
            "requestContext":{"accountId":"anonymous","apiId":"abc","domainName":"abc.lambda-url.us-east-1.on.aws","domainPrefix":"abc",
            "http":{"method":"POST","path":"/a%20b/%E2%82%AC","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"probe/1"},
            "requestId":"{{{twin.Runtime.RequestId}}}","routeKey":"$default","stage":"$default",
            "time":"14/Nov/2023:22:13:20 +0000","timeEpoch":1700000000123},
            "body":"{\"n\":\"+\"}","isBase64Encoded":false}
            """.ReplaceLineEndings("");
        Assert.Equal(expected, twin.Runtime.Event.Body);
        Assert.Equal("Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e", twin.Runtime.Event["Lambda-Runtime-Trace-Id"]);
        await twin.Runtime.StreamAsync("x");
    }

    [Fact]
    public async Task RequestWithoutAnything_HasNoOptionalMembers()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        var call = await twin.CallAsync();
        using var document = JsonDocument.Parse(twin.Runtime.Event.Body);
        await twin.Runtime.StreamAsync("x");
        (await call).Dispose();

        Assert.Equal(
            ["version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded"],
            document.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData("text/plain", "abc", "abc", false)]
    [InlineData("application/vnd.api+json", "{}", "{}", false)]
    [InlineData("image/svg+xml", "<svg/>", "<svg/>", false)]
    [InlineData("application/json", "é", "w6k=", true)]
    [InlineData("application/octet-stream", "abc", "YWJj", true)]
    [InlineData("application/x-www-form-urlencoded", "a=b", "YT1i", true)]
    [InlineData(null, "abc", "YWJj", true)]
    public async Task Body_IsTextOrBase64(string? contentType, string body, string expected, bool isBase64)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var request = new HttpRequestMessage(HttpMethod.Put, "/") { Content = content };
        var call = await twin.CallAsync(request);
        using var document = JsonDocument.Parse(twin.Runtime.Event.Body);
        await twin.Runtime.StreamAsync("x");
        (await call).Dispose();

        Assert.Equal(expected, document.RootElement.GetProperty("body").GetString());
        Assert.Equal(isBase64, document.RootElement.GetProperty("isBase64Encoded").GetBoolean());
    }

    [Fact]
    public async Task HopByHopHeaders_AreNotPassedOn()
    {
        await using var twin = await TwinUnderTest.StartAsync();
        using var client = await SendAsync(
            twin.Twin.FunctionUrl.Port,
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, TE\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n"
            + "Content-Type: text/plain\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        await twin.Runtime.NextAsync();
        using var document = JsonDocument.Parse(twin.Runtime.Event.Body);
        await twin.Runtime.StreamAsync("x");

        var headers = document.RootElement.GetProperty("headers").EnumerateObject().Select(property => property.Name);
        Assert.Equal(
            ["host", "content-type", "content-length", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"],
            headers);
        Assert.Equal("abc", document.RootElement.GetProperty("body").GetString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("HEAD")]
    public async Task EveryMethod_ReachesTheFunction(string method)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");
        var call = await twin.CallAsync(request);
        using var document = JsonDocument.Parse(twin.Runtime.Event.Body);
        await twin.Runtime.StreamAsync("x");
        using var response = await call;
        Assert.Equal(method, document.RootElement.GetProperty("requestContext").GetProperty("http").GetProperty("method").GetString());
        Assert.Equal(method == "HEAD" ? "" : "x", await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("text/plain", 6 * 1024 * 1024)]
    [InlineData("application/octet-stream", 4_718_592)]
    public async Task EventOverSixMebibytes_Is413(string contentType, int bodyLength)
    {
        await using var twin = await TwinUnderTest.StartAsync();
        using var content = new ByteArrayContent(new byte[bodyLength]);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await twin.Client.PostAsync("/", content, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(
            """{"Type":"User","message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}""",
            await response.Content.ReadAsStringAsync(Token));
        Assert.Empty(twin.Twin.Invocations);
    }

    private static async Task<Socket> SendAsync(int port, string request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")), Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), SocketFlags.None, Token);
        return socket;
    }
}
