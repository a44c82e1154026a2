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

    // API Gateway Developer Guide, "Lambda proxy integrations in API Gateway", input format (shortened in the same way).
    private const string DocumentedFormat1 =
        """
        {
          "resource": "/{proxy+}",
          "path": "/my path",
          "httpMethod": "POST",
          "headers": { "header1": "value2", "Accept": "text/event-stream", "x-empty": "" },
          "multiValueHeaders": { "header1": ["value1", "value2"], "Accept": ["text/event-stream"], "x-empty": [""], "x-null": null },
          "queryStringParameters": { "parameter1": "value1" },
          "multiValueQueryStringParameters": { "parameter1": ["value1", "value2"] },
          "requestContext": {
            "accountId": "123456789012",
            "authorizer": { "claims": null },
            "httpMethod": "GET",
            "identity": { "sourceIp": "123.123.123.123", "userAgent": "agent" },
            "path": "/stage/my path",
            "protocol": "HTTP/1.1",
            "stage": "stage"
          },
          "pathParameters": { "proxy": "my path" },
          "stageVariables": null,
          "body": "{\"inputs\":\"\u5bcc士山 \\ud83d\\uddfb\"}",
          "isBase64Encoded": false
        }
        """;

    [Theory]
    [InlineData(Documented, "value1")]
    [InlineData(DocumentedFormat1, "value1,value2")]
    public void DocumentedEvent_IsRead(string json, string header1)
    {
        using var request = Read(json);
        Assert.Equal("POST", request.Method);
        Assert.Equal("/my path", request.Path);
        Assert.Equal("text/event-stream", request.Header("accept"));
        Assert.Equal(header1, request.Header("Header1"));
        Assert.Null(request.Header("x-empty"));
        Assert.Null(request.Header("absent"));
        Assert.Null(request.Problem);
        Assert.Equal("{\"inputs\":\"富士山 \\ud83d\\uddfb\"}", Body(request));
    }

    [Theory]
    [InlineData("""{"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"rawPath":null,"rawQueryString":null,"headers":null,"body":null,"isBase64Encoded":null,"cookies":null,"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"httpMethod":"GET"}""")]
    [InlineData("""{"httpMethod":"GET","path":null,"headers":null,"multiValueHeaders":null,"queryStringParameters":null,"multiValueQueryStringParameters":null,"requestContext":null,"body":null,"isBase64Encoded":null}""")]
    public void AbsentAndNullMembers_AreTheSame(string json)
    {
        using var request = Read(json);
        Assert.Equal(("GET", "/"), (request.Method, request.Path));
        Assert.Empty(request.Headers);
        Assert.Equal("", Body(request));
    }

    [Theory]
    [InlineData("""{"multiValueHeaders":{"A":["1","2"],"b":[null],"c":[]},"headers":{"a":"2","B":"3","d":null},"httpMethod":"GET"}""")]
    [InlineData("""{"headers":{"a":"2","B":"3","d":null},"multiValueHeaders":{"A":["1","2"],"b":[null],"c":[]},"httpMethod":"GET"}""")]
    public void HeaderOfSeveralValues_IsTheirListWhereverItStands(string json)
    {
        using var request = Read(json);
        Assert.Equal("1,2", request.Header("a"));
        Assert.Null(request.Header("b"));
        Assert.Null(request.Header("c"));
        Assert.Null(request.Header("d"));
    }

    [Theory]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/a%2520b", "/a%20b")]
    [InlineData("/%E5%AF%8C", "/富")]
    [InlineData("/%zz%", "/%zz%")]
    [InlineData("/%ff", "/%ff")]
    public void Path_IsDecodedOnce(string rawPath, string path)
    {
        using var encoded = Read(Format2($"\"rawPath\":\"{rawPath}\""));
        using var decoded = Read($$"""{"path":"{{path}}","httpMethod":"GET"}""");
        Assert.Equal(path, encoded.Path);
        Assert.Equal(path, decoded.Path);
    }

    [Theory]
    [InlineData("""{"body":"eyJpbnB1dHMiOiJoaSJ9","isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}}}""")]
    [InlineData("""{"isBase64Encoded":true,"requestContext":{"http":{"method":"POST"}},"body":"eyJpbnB1dHMiOiJoaSJ9"}""")]
    [InlineData("""{"isBase64Encoded":true,"httpMethod":"POST","body":"eyJpbnB1dHMiOiJoaSJ9"}""")]
    public void Base64Body_IsDecodedWhereverTheFlagStands(string json)
    {
        using var request = Read(json);
        Assert.Equal("{\"inputs\":\"hi\"}", Body(request));
    }

    [Theory]
    [InlineData("""{"inputs":"hi"}""")]
    [InlineData("""{"requestContext":null}""")]
    [InlineData("""{"requestContext":{"http":null}}""")]
    [InlineData("""{"requestContext":{"elb":{}},"httpMethod":"GET","path":"/"}""")]
    [InlineData("""{"inputs":"hi","path":1,"headers":[],"body":{},"httpMethod":null}""")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public void JsonOfAnotherKind_IsNoHttpRequest(string json)
    {
        Assert.False(EventReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        Assert.Null(request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"httpMethod":"GET"}{}""")]
    [InlineData("""{"rawPath":1,"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"rawPath":"\ud83d","requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"headers":{"a":["b"]},"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"headers":["a"],"requestContext":{"http":{"method":"GET"}}}""")]
    [InlineData("""{"body":{"inputs":"hi"},"requestContext":{"http":{"method":"POST"}}}""")]
    [InlineData("""{"requestContext":{"http":{"method":1}}}""")]
    [InlineData("""{"httpMethod":"GET","multiValueHeaders":{"a":"b"}}""")]
    [InlineData("""{"httpMethod":"GET","multiValueHeaders":{"a":[1]}}""")]
    [InlineData("""{"httpMethod":"GET","path":{}}""")]
    public void BrokenEvent_IsRefused(string json) =>
        Assert.ThrowsAny<JsonException>(() => EventReader.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData("***", true, "The body is not base64 although its event says so.")]
    [InlineData("eyJpbnB1dHMiOiJoaSJ", true, "The body is not base64 although its event says so.")]
    [InlineData("\\ud83d", false, "The body is not Unicode text (bytes that are no UTF-8, or half of a surrogate pair).")]
    [InlineData("a\u00ff", false, "The body is not Unicode text (bytes that are no UTF-8, or half of a surrogate pair).")]
    public void BodyThatCannotBeDecoded_IsTheClientsProblem(string body, bool isBase64, string message)
    {
        var json = Format2($"\"body\":\"{body}\",\"isBase64Encoded\":{(isBase64 ? "true" : "false")}");

        // Latin-1, so that one of them has a byte that is no UTF-8.
        Assert.True(EventReader.TryRead(Encoding.Latin1.GetBytes(json), out var request));
        using (request)
        {
            Assert.False(request.TryReadBody(1000, out _, out var problem));
            Assert.Equal((400, message), (problem.Status, problem.Message));
        }
    }

    // Each is ten bytes long once its escapes and its base64 are undone.
    [Theory]
    [InlineData("0123456789", false)]
    [InlineData("""0\"\\\/\b\f\n\r\t9""", false)]
    [InlineData("""\u0030\u00e9\u5bcc\ud83d\uddfb""", false)]
    [InlineData("MDEyMzQ1Njc4OQ==", true)]
    [InlineData("""/////////\/\/\/\/w==""", true)]
    public void BodyOfMoreBytesThanAllowed_IsRefusedByItsDecodedLength(string body, bool isBase64)
    {
        var json = $$"""{"body":"{{body}}","isBase64Encoded":{{(isBase64 ? "true" : "false")}},"httpMethod":"POST"}""";
        using var over = Read(json);
        Assert.False(over.TryReadBody(9, out _, out var problem));
        Assert.Equal((413, "The request has 10 bytes; at most 9 are taken."), (problem.Status, problem.Message));
        using var within = Read(json);
        Assert.True(within.TryReadBody(10, out var bytes, out _));
        Assert.Equal(10, bytes.Length);
    }

    [Theory]
    [InlineData(128, 1, null)]
    [InlineData(129, 1, 431)]
    [InlineData(64, 1020, null)]
    [InlineData(64, 1021, 431)]
    public void Headers_AreCappedInNumberAndSize(int count, int valueLength, int? status)
    {
        // Names of four letters.
        var names = Enumerable.Range(1000, count).ToArray();
        var value = new string('v', valueLength);
        var single = string.Join(',', names.Select(name => $"\"{name}\":\"{value}\""));
        var multiple = string.Join(',', names.Select(name => $"\"{name}\":[\"{value}\"]"));
        using var format2 = Read(Format2($"\"headers\":{{{single}}},\"rawPath\":\"/v1/models\""));
        using var format1 = Read(
            $$$"""{"multiValueHeaders":{{{{multiple}}}},"headers":{{{{single}}}},"path":"/v1/models","httpMethod":"GET"}""");
        Assert.Equal(status, format2.Problem?.Status);
        Assert.Equal(status, format1.Problem?.Status);
        Assert.Equal("/v1/models", format2.Path);
        Assert.Equal("/v1/models", format1.Path);
    }

    [Theory]
    [InlineData("/v1/", 7000, 996, null)]
    [InlineData("/v1/", 7000, 997, 414)]
    [InlineData("/v1/", 7997, 0, 414)]
    [InlineData("/", 0, 8000, 414)]
    public void Target_IsCappedInLength(string start, int pathLength, int queryLength, int? status)
    {
        var path = start + new string('p', pathLength);
        var query = new string('q', queryLength);
        using var format2 = Read(Format2($"\"rawPath\":\"{path}\",\"rawQueryString\":\"{query}\""));
        Assert.Equal(status, format2.Problem?.Status);

        // Of a parameter without a value format 1.0 has an empty one, and two separators are counted.
        var name = query[..Math.Max(0, queryLength - 2)];
        using var format1 = Read($$$"""{"path":"{{{path}}}","multiValueQueryStringParameters":{"{{{name}}}":[""]},"httpMethod":"GET"}""");
        Assert.Equal(status, format1.Problem?.Status);
    }

    [Fact]
    public void EventNestedTooDeeply_IsBroken()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(
            $$"""{"httpMethod":"GET","requestContext":{{string.Concat(Enumerable.Repeat("[", depth))}}{{string.Concat(Enumerable.Repeat("]", depth))}}}""");
        Assert.True(EventReader.TryRead(Nested(63), out _));
        Assert.ThrowsAny<JsonException>(() => EventReader.TryRead(Nested(64), out _));
    }

    private static string Format2(string members) => "{" + members + ""","requestContext":{"http":{"method":"POST"}}}""";

    private static HttpRequest Read(string json)
    {
        Assert.True(EventReader.TryRead(Encoding.UTF8.GetBytes(json), out var request));
        return request;
    }

    private static string Body(HttpRequest request)
    {
        Assert.True(request.TryReadBody(1000, out var body, out var problem), problem?.Message);
        return Encoding.UTF8.GetString(body.Span);
    }
}
