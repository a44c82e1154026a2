using System.Buffers;
using System.Text;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

public class RequestHeadTests
{
    private const string Legal =
        "POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n"
        + "Trailer: One\r\ntrailer:  Two , Three \r\n\r\n";

    [Fact]
    public void LegalHead_IsReadAtEveryCut()
    {
        var bytes = Encoding.ASCII.GetBytes(Legal + "5\r\n");
        var searchedTo = 0;
        for (var length = 0; length < Legal.Length; length++)
        {
            Assert.Equal(
                OperationStatus.NeedMoreData,
                RequestHead.TryParse(bytes.AsSpan(0, length), ref searchedTo, out _, out var none, out _));
            Assert.Equal(0, none);
        }

        Assert.Equal(OperationStatus.Done, RequestHead.TryParse(bytes, ref searchedTo, out var head, out var consumed, out _));
        Assert.Equal(Legal.Length, consumed);
        Assert.Equal("POST", head!.Method);
        Assert.Equal("/2018-06-01/runtime/invocation/1/response", head.Target);
        Assert.Equal("a:1", head["host"]);
        Assert.True(head.IsChunked);
        Assert.Equal(["One", "Two", "Three"], head.Values("TRAILER"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1 \r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost : a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n")]
    public void IllegalHead_IsRefused(string text)
    {
        var searchedTo = 0;
        Assert.Equal(
            OperationStatus.InvalidData,
            RequestHead.TryParse(Encoding.ASCII.GetBytes(text), ref searchedTo, out _, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void HeadWithoutEnd_IsRefusedAtTheCap()
    {
        var searchedTo = 0;
        var bytes = new byte[RequestHead.MaxBytes + 1];
        bytes.AsSpan().Fill((byte)'a');
        Assert.Equal(OperationStatus.InvalidData, RequestHead.TryParse(bytes, ref searchedTo, out _, out _, out _));
    }

    [Fact]
    public void TooManyFields_AreRefused()
    {
        var fields = string.Concat(Enumerable.Repeat("X: y\r\n", RequestHead.MaxFields));
        var searchedTo = 0;
        Assert.Equal(
            OperationStatus.InvalidData,
            RequestHead.TryParse(
                Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"), ref searchedTo, out _, out _, out _));
    }
}
