using System.Buffers;
using System.Text;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

public class ChunkedBodyTests
{
    private const string Body = "5\r\nHello\r\n1;note=\"x\"\r\n,\r\n00A\r\n world\r\n!!\r\n0\r\nOne: 1\r\nTwo:2 \r\n\r\n";

    [Fact]
    public void Body_IsDecodedAtEveryCut()
    {
        var bytes = Encoding.ASCII.GetBytes(Body + "GET");
        for (var cut = 0; cut <= Body.Length; cut++)
        {
            var body = new ChunkedBody();
            var payload = new ArrayBufferWriter<byte>();
            var status = body.Decode(bytes.AsSpan(0, cut), payload, out var first);
            Assert.Equal(cut, first);
            Assert.Equal(cut < Body.Length ? OperationStatus.NeedMoreData : OperationStatus.Done, status);
            Assert.Equal(OperationStatus.Done, body.Decode(bytes.AsSpan(cut), payload, out var second));
            Assert.Equal(Body.Length, first + second);
            AssertDecoded(body, payload);
        }
    }

    [Fact]
    public void Body_IsDecodedByteByByte()
    {
        var body = new ChunkedBody();
        var payload = new ArrayBufferWriter<byte>();
        var bytes = Encoding.ASCII.GetBytes(Body);
        foreach (var value in bytes[..^1])
        {
            Assert.Equal(OperationStatus.NeedMoreData, body.Decode([value], payload, out _));
        }

        Assert.Equal(OperationStatus.Done, body.Decode([bytes[^1]], payload, out _));
        AssertDecoded(body, payload);
    }

    [Fact]
    public void DataOfAnUnfinishedChunk_IsGivenOutAtOnce()
    {
        var body = new ChunkedBody();
        var payload = new ArrayBufferWriter<byte>();
        Assert.Equal(OperationStatus.NeedMoreData, body.Decode("a\r\nHel"u8, payload, out _));
        Assert.Equal("Hel"u8, payload.WrittenSpan);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData(" 5\r\nHello\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("12345678\r\n")]
    [InlineData("5\nHello\r\n")]
    [InlineData("5\r\nHello!\r\n")]
    [InlineData("5\r\nHello\n")]
    [InlineData("0\r\nno colon\r\n\r\n")]
    [InlineData("0\r\n{\r\n\"errorMessage\": 1\r\n}\r\n\r\n")]
    public void BrokenFraming_IsInvalid(string text)
    {
        var body = new ChunkedBody();
        Assert.Equal(OperationStatus.InvalidData, body.Decode(Encoding.ASCII.GetBytes(text), new ArrayBufferWriter<byte>(), out _));
        Assert.NotEmpty(body.Problem);
    }

    [Fact]
    public void EndlessTrailers_AreRefusedAtTheCap()
    {
        var body = new ChunkedBody();
        var trailers = string.Concat(Enumerable.Repeat("X: y\r\n", ChunkedBody.MaxTrailers + 1));
        Assert.Equal(
            OperationStatus.InvalidData, body.Decode(Encoding.ASCII.GetBytes("0\r\n" + trailers), new ArrayBufferWriter<byte>(), out _));
    }

    private static void AssertDecoded(ChunkedBody body, ArrayBufferWriter<byte> payload)
    {
        Assert.Equal("Hello, world\r\n!!", Encoding.ASCII.GetString(payload.WrittenSpan));
        Assert.Equal([5, 1, 10], body.Sizes);
        Assert.Equal(3, body.Count);
        Assert.Equal([new HeaderField("One", "1"), new HeaderField("Two", "2")], body.Trailers);
    }
}
