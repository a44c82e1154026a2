using System.Buffers;
using System.Text;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

public class FrameTests
{
    [Theory]
    [InlineData("0d3a6d6573736167652d747970650700056576656e74", FrameKind.Event)]
    [InlineData("0d3a6d6573736167652d74797065070009657863657074696f6e", FrameKind.Exception)]
    [InlineData("0d3a6d6573736167652d747970650700056572726f72", FrameKind.Error)]
    [InlineData("0d3a6d6573736167652d747970650700056f74686572", FrameKind.Unknown)]
    [InlineData("0d3a6d6573736167652d74797065070000", FrameKind.Unknown)]
    [InlineData("0d3a6d6573736167652d747970650600056576656e74", FrameKind.Unknown)]
    [InlineData("0c6d6573736167652d747970650700056576656e74", FrameKind.Unknown)]
    public void MessageType_DecidesTheKind(string headers, FrameKind kind) =>
        Assert.Equal(kind, Read(SealedFrame.Create(Convert.FromHexString(headers), [])).Kind);

    [Fact]
    public void ErrorWithStringCode_HasCodeAndMessage()
    {
        var frame = Read(Convert.FromHexString(CheckVectors.Error));
        Assert.Equal(FrameKind.Error, frame.Kind);
        Assert.Equal("code"u8, frame.ErrorCode);
        Assert.Equal("message"u8, frame.ErrorMessage);
    }

    [Theory]
    [InlineData("000001f4", "500")]
    [InlineData("00000000", "0")]
    [InlineData("80000000", "-2147483648")]
    public void ErrorWithIntegerCode_ReadsAsDigits(string code, string digits)
    {
        var headers = Convert.FromHexString("0d3a6d6573736167652d747970650700056572726f72" + "0b3a6572726f722d636f646504" + code);
        var frame = Read(SealedFrame.Create(headers, []));
        Assert.Equal(FrameKind.Error, frame.Kind);
        Assert.Equal(digits, Encoding.UTF8.GetString(frame.ErrorCode));
    }

    [Fact]
    public void AbsentHeaders_ReadAsEmpty()
    {
        var frame = Read(Convert.FromHexString(CheckVectors.Empty));
        Assert.True(frame.EventType.IsEmpty);
        Assert.True(frame.ExceptionType.IsEmpty);
        Assert.True(frame.ErrorCode.IsEmpty);
        Assert.True(frame.ErrorMessage.IsEmpty);
        Assert.True(frame.ContentType.IsEmpty);
        Assert.True(frame.Payload.IsEmpty);
        Assert.False(frame.Headers.MoveNext());
    }

    [Fact]
    public void HeadersOfEveryType_AreReadInOrder()
    {
        var headers = Read(Convert.FromHexString(CheckVectors.AllHeaderTypes)).Headers;

        Assert.True(Next(ref headers, "0", HeaderType.BooleanTrue).GetBoolean());
        Assert.False(Next(ref headers, "1", HeaderType.BooleanFalse).GetBoolean());
        Assert.Equal(2, Next(ref headers, "2", HeaderType.Int8).GetInt8());
        Assert.Equal(3, Next(ref headers, "3", HeaderType.Int16).GetInt16());
        Assert.Equal(4, Next(ref headers, "4", HeaderType.Int32).GetInt32());
        Assert.Equal(5, Next(ref headers, "5", HeaderType.Int64).GetInt64());
        Assert.Equal("bytes"u8, Next(ref headers, "6", HeaderType.Bytes).GetBytes());
        Assert.Equal("utf8"u8, Next(ref headers, "7", HeaderType.String).GetUtf8String());
        Assert.Equal(8, Next(ref headers, "8", HeaderType.Timestamp).GetTimestampMilliseconds());
        Assert.Equal(
            Guid.Parse("30313233-3435-3637-3839-616263646566"), Next(ref headers, "9", HeaderType.Uuid).GetUuid());
        Assert.False(headers.MoveNext());
    }

    [Fact]
    public void NegativeIntegers_KeepTheirSign()
    {
        var byteHeaders = Read(Convert.FromHexString(CheckVectors.Int8Header)).Headers;
        Assert.Equal(-1, Next(ref byteHeaders, "byte", HeaderType.Int8).GetInt8());
        var longHeaders = Read(Convert.FromHexString(CheckVectors.Int64Header)).Headers;
        Assert.Equal(-1, Next(ref longHeaders, "long", HeaderType.Int64).GetInt64());
    }

    [Fact]
    public void GetterOfAnotherType_Throws()
    {
        for (var type = HeaderType.BooleanTrue; type <= HeaderType.Uuid; type++)
        {
            Assert.Equal(type > HeaderType.BooleanFalse, Throws(type, header => header.GetBoolean()));
            Assert.Equal(type != HeaderType.Int8, Throws(type, header => header.GetInt8()));
            Assert.Equal(type != HeaderType.Int16, Throws(type, header => header.GetInt16()));
            Assert.Equal(type != HeaderType.Int32, Throws(type, header => header.GetInt32()));
            Assert.Equal(type != HeaderType.Int64, Throws(type, header => header.GetInt64()));
            Assert.Equal(type != HeaderType.Bytes, Throws(type, header => header.GetBytes()));
            Assert.Equal(type != HeaderType.String, Throws(type, header => header.GetUtf8String()));
            Assert.Equal(type != HeaderType.Timestamp, Throws(type, header => header.GetTimestampMilliseconds()));
            Assert.Equal(type != HeaderType.Uuid, Throws(type, header => header.GetUuid()));
        }
    }

    [Fact]
    public void LongestNameAndValue_AreRead()
    {
        byte[] header = [0xFF, .. Enumerable.Repeat((byte)'n', 255), 7, 0xFF, 0xFF, .. Enumerable.Repeat((byte)'v', 65_535)];
        var headers = Read(SealedFrame.Create(header, "p"u8)).Headers;
        Assert.Equal(65_535, Next(ref headers, new string('n', 255), HeaderType.String).GetUtf8String().Length);
        Assert.False(headers.MoveNext());
    }

    private delegate void Getter(Header header);

    /// <summary>Whether the getter throws for the header of a type in the vector that has one of each.</summary>
    private static bool Throws(HeaderType type, Getter getter)
    {
        foreach (var header in Read(Convert.FromHexString(CheckVectors.AllHeaderTypes)).Headers)
        {
            if (header.Type == type)
            {
                try
                {
                    getter(header);
                    return false;
                }
                catch (InvalidOperationException)
                {
                    return true;
                }
            }
        }

        throw new ArgumentException("no header of that type", nameof(type));
    }

    private static Frame Read(byte[] bytes)
    {
        Assert.Equal(OperationStatus.Done, new FrameDecoder().Read(bytes, out var frame, out var consumed));
        Assert.Equal(bytes.Length, consumed);
        return frame;
    }

    private static Header Next(ref HeaderEnumerator headers, string name, HeaderType type)
    {
        Assert.True(headers.MoveNext());
        Assert.Equal(name, Encoding.UTF8.GetString(headers.Current.Name));
        Assert.Equal(type, headers.Current.Type);
        return headers.Current;
    }
}
