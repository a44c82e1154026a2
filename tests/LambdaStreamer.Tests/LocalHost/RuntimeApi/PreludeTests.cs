using System.Buffers;
using System.Text;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

public class PreludeTests
{
    private static readonly byte[] Delimiter = new byte[8];

    [Fact]
    public void Prelude_IsFoundAtEveryCut()
    {
        byte[] bytes = [.. """{"statusCode":201}"""u8, .. Delimiter, .. "body"u8];
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var reader = new PreludeReader();
            var status = reader.Read(bytes.AsSpan(0, cut), out var consumed);
            if (cut < 26)
            {
                Assert.Equal(OperationStatus.NeedMoreData, status);
                Assert.Equal(OperationStatus.Done, reader.Read(bytes.AsSpan(cut), out var rest));
                consumed += rest;
            }

            Assert.Equal(26, consumed);
            Assert.Equal("""{"statusCode":201}""", Encoding.UTF8.GetString(reader.Json.Span));
        }
    }

    [Fact]
    public void SevenNuls_AreNoDelimiter()
    {
        var reader = new PreludeReader();
        Assert.Equal(OperationStatus.NeedMoreData, reader.Read([.. "{}"u8, .. Delimiter[..7], (byte)'x'], out _));
        Assert.Equal(OperationStatus.Done, reader.Read(Delimiter, out _));
        Assert.Equal(10, reader.Json.Length);
    }

    [Fact]
    public void PreludeWithoutEnd_IsRefusedAtTheCap()
    {
        var reader = new PreludeReader();
        var bytes = new byte[PreludeReader.MaxBytes + 1];
        bytes.AsSpan().Fill((byte)' ');
        Assert.Equal(OperationStatus.InvalidData, reader.Read(bytes, out var consumed));
        Assert.Equal(PreludeReader.MaxBytes, consumed);
    }

    [Fact]
    public void AllFourKeys_AreRead()
    {
        var prelude = Parse(
            """{"statusCode":418,"headers":{"A":"1","b":"2"},"cookies":["c=3; Path=/"],"multiValueHeaders":{"D":["4","5"]}}""",
            out var problems);

        Assert.Empty(problems);
        Assert.Equal(418, prelude!.StatusCode);
        Assert.Equal([new HeaderField("A", "1"), new HeaderField("b", "2")], prelude.Headers);
        Assert.Equal(["c=3; Path=/"], prelude.Cookies);
        Assert.Equal([new HeaderField("D", "4"), new HeaderField("D", "5")], prelude.MultiValueHeaders);
    }

    [Fact]
    public void EmptyObject_MeansStatus200()
    {
        Assert.Equal(200, Parse("{}", out var problems)!.StatusCode);
        Assert.Empty(problems);
    }

    [Fact]
    public void UnknownKey_IsToleratedAndNamed()
    {
        Assert.NotNull(Parse("""{"statusCode":200,"body":"x"}""", out var problems));
        Assert.Equal(["prelude key body does not exist"], problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"statusCode\":200")]
    [InlineData("{\"statusCode\":\"200\"}")]
    [InlineData("{\"statusCode\":99}")]
    [InlineData("{\"statusCode\":200.5}")]
    [InlineData("{\"headers\":{\"a\":1}}")]
    [InlineData("{\"headers\":[]}")]
    [InlineData("{\"cookies\":\"a=b\"}")]
    [InlineData("{\"cookies\":[1]}")]
    [InlineData("{\"multiValueHeaders\":{\"a\":\"b\"}}")]
    public void UnusablePrelude_IsRefused(string json)
    {
        Assert.Null(Parse(json, out var problems));
        Assert.NotEmpty(problems);
    }

    private static Prelude? Parse(string json, out List<string> problems) => Prelude.TryParse(Encoding.UTF8.GetBytes(json), out problems);
}
