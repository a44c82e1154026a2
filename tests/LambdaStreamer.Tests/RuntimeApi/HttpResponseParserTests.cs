using System.Buffers;
using System.Text;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Tests.RuntimeApi;

public class HttpResponseParserTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello", "hello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\n\r\n", "hello", false)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "0123456789", false)]
    [InlineData("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", "{}", true)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "{}", true)]
    [InlineData("HTTP/1.1 204 \r\n\r\n", "", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", false)]
    public void ResponseAtEveryCut_IsWhole(string wire, string expectedBody, bool closes)
    {
        foreach (var pieces in Cuts.Of(Encoding.UTF8.GetBytes(wire)))
        {
            var parser = new HttpResponseParser(maxBodyLength: 10);
            using var received = new ByteBuffer();
            using var body = new ByteBuffer();
            foreach (var piece in pieces)
            {
                Assert.False(parser.IsComplete);
                received.Append(piece);
                parser.Read(received, body);
            }

            Assert.True(parser.IsComplete);
            Assert.Equal(expectedBody, Encoding.UTF8.GetString(body.Unread));
            Assert.Equal(closes, parser.ClosesConnection);
            Assert.Equal(0, received.Length);
        }
    }

    [Fact]
    public void TwoResponsesInOneRead_AreToldApart()
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nb"u8);
        Assert.Equal(OperationStatus.Done, parser.Read(received, body));
        Assert.Equal((200, "a"), (parser.Status, Encoding.UTF8.GetString(body.Unread)));

        parser.Reset();
        body.Clear();
        Assert.Equal(OperationStatus.Done, parser.Read(received, body));
        Assert.Equal((403, "b"), (parser.Status, Encoding.UTF8.GetString(body.Unread)));
    }

    [Fact]
    public void BodyWithoutLength_EndsWithTheConnection()
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append("HTTP/1.1 200 OK\r\n\r\nhello"u8);
        Assert.Equal(OperationStatus.NeedMoreData, parser.Read(received, body));
        Assert.True(parser.TryEndByClose());
        Assert.True(parser.IsComplete);
        Assert.Equal("hello", Encoding.UTF8.GetString(body.Unread));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public void CutResponse_IsNotEndedByTheConnectionsEnd(string wire)
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append(Encoding.UTF8.GetBytes(wire));
        Assert.Equal(OperationStatus.NeedMoreData, parser.Read(received, body));
        Assert.False(parser.TryEndByClose());
    }

    [Fact]
    public void Headers_AreUtf8AndEmptyCountsAsAbsent()
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append("HTTP/1.1 200 OK\r\nContent-Length:0\r\nLambda-Runtime-Client-Context: \t{\"n\":\"é富\"} \r\nEmpty:\r\n\r\n"u8);
        parser.Read(received, body);
        Assert.Equal("{\"n\":\"é富\"}", parser["lambda-runtime-client-context"]);
        Assert.Null(parser["Empty"]);
        Assert.Null(parser["Absent"]);
    }

    [Theory]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB\r\nhello world\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello world")]
    public void NotHttpOrOverACap_IsInvalidAtEveryCut(string wire)
    {
        foreach (var pieces in Cuts.Of(Encoding.UTF8.GetBytes(wire)))
        {
            var parser = new HttpResponseParser(maxBodyLength: 10);
            using var received = new ByteBuffer();
            using var body = new ByteBuffer();
            var status = OperationStatus.NeedMoreData;
            foreach (var piece in pieces.TakeWhile(_ => status == OperationStatus.NeedMoreData))
            {
                received.Append(piece);
                status = parser.Read(received, body);
            }

            Assert.Equal(OperationStatus.InvalidData, status);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public void EndlessChunkSizeOrTrailer_IsInvalid(string wire)
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append(Encoding.UTF8.GetBytes(wire + new string('x', 300)));
        Assert.Equal(OperationStatus.InvalidData, parser.Read(received, body));
    }

    [Fact]
    public void EndlessHead_IsInvalid()
    {
        var parser = new HttpResponseParser(maxBodyLength: 10);
        using var received = new ByteBuffer();
        using var body = new ByteBuffer();
        received.Append(new byte[HttpResponseParser.MaxHeadLength + 1]);
        Assert.Equal(OperationStatus.InvalidData, parser.Read(received, body));
    }
}
