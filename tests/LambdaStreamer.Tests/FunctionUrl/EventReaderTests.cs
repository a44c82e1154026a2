using System.Text;
using System.Text.Json;
using LambdaStreamer.FunctionUrl;

namespace LambdaStreamer.Tests.FunctionUrl;

public class EventReaderTests
{
    // AWS Lambda Developer Guide, "Invoking Lambda function URLs", request payload format (shortened to the members that have a reader, and
    // some that have none).
    private const string Documented =
        """
        {
          "version": "2.0",
          "routeKey": "$default",
          "rawPath": "/my%20path",
          "rawQueryString": "parameter1=value1&parameter1=value2",
          "cookies": ["cookie1", "cookie2"],
          "headers": { "header1": "value1", "Accept": "text/event-stream", "x-empty": "" },
          "queryStringParameters": { "parameter1": "value1,value2" },
          "requestContext": {
            "accountId": "123456789012",
            "authentication": null,
            "authorizer": { "iam": { "method": "not this one" } },
            "http": { "method": "POST", "path": "/my/path", "protocol": "HTTP/1.1", "sourceIp": "123.123.123.123", "userAgent": "agent" },
            "requestId": "id",
            "timeEpoch": 1583348638390
          },
          "body": "{\"inputs\":\"\u5bcc士山 \\ud83d\\uddfb\"}",
          "pathParameters": null,
          "isBase64Encoded": false,
          "stageVariables": null
        }
        """;

    [Fact]
    public void DocumentedEvent_IsRead()
    {
        Assert.True(EventReader.TryRead(Encoding.UTF8.GetBytes(Documented), out var request));
        using (request)
        {
            Assert.Equal("POST", request.Method);
            Assert.Equal("/my%20path", request.Path);
            Assert.Equal("parameter1=value1&parameter1=value2", request.Query);
            Assert.Equal("text/event-stream", request.Header("accept"));
            Assert.Null(request.Header("x-empty"));
            Assert.Null(request.Header("absent"));
            Assert.Equal("{\"inputs\":\"富士山 \\ud83d\\uddfb\"}", Encoding.UTF8.GetString(request.Body.Span));
        }
    }

    [Theory]
    [InlineData("""{"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"rawPath":null,"rawQueryString":null,"headers":null,"body":null,"isBase64Encoded":null,"cookies":null,"requestContext":{"http":{"method":"GET"}}}""")]
    public void AbsentAndNullMembers_AreTheSame(string json)
    {
        Assert.True(EventReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        using (request)
        {
            Assert.Equal(("GET", "/", ""), (request.Method, request.Path, request.Query));
            Assert.Equal(0, request.Body.Length);
        }
    }

    [Theory]
    [InlineData("""{"body":"eyJpbnB1dHMiOiJoaSJ9","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}""")]
    [InlineData("""{"isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}},"body":"eyJpbnB1dHMiOiJoaSJ9"}""")]
    public void Base64Body_IsDecodedWhereverTheFlagStands(string json)
    {
        Assert.True(EventReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        using (request)
        {
            Assert.Equal("{\"inputs\":\"hi\"}", Encoding.UTF8.GetString(request.Body.Span));
        }
    }

    [Theory]
    [InlineData("""{"inputs":"hi"}""")]
    [InlineData("""{"requestContext":null}""")]
    [InlineData("""{"requestContext":{"http":null}}""")]
    [InlineData("""{"requestContext":{"elb":{}},"httpMethod":"GET","path":"/"}""")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public void JsonOfAnotherKind_IsNoFunctionUrlEvent(string json)
    {
        Assert.False(EventReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        Assert.Null(request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"rawPath":1,"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"headers":{"a":["b"]},"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"body":{"inputs":"hi"},"requestContext":{"http":{"method":"POST"}}}""")]
    [InlineData("""{"body":"***","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}""")]
    [InlineData("""{"body":"\ud83d","requestContext":{"http":{"method":"POST"}}}""")]
    public void BrokenEvent_IsRefused(string json) =>
        Assert.ThrowsAny<JsonException>(() => EventReader.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Prelude_IsJsonAndEightNul()
    {
        using var output = new ByteBuffer();
        Prelude.Write(output, 404, ("content-type", "application/json"), ("x-odd", "a\0b\"c"));
        Assert.Equal(
            "{\"statusCode\":404,\"headers\":{\"content-type\":\"application/json\",\"x-odd\":\"a\\u0000b\\u0022c\"}}\0\0\0\0\0\0\0\0",
            Encoding.UTF8.GetString(output.Unread));
    }
}
