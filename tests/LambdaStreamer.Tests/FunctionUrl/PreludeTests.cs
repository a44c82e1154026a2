using System.Text;
using LambdaStreamer.FunctionUrl;

namespace LambdaStreamer.Tests.FunctionUrl;

public class PreludeTests
{
    [Fact]
    public void Prelude_IsJsonAndEightNul() => Assert.Equal(
        "{\"statusCode\":404,\"headers\":{\"content-type\":\"application/json\",\"x-odd\":\"b\\u0022c\"}}\0\0\0\0\0\0\0\0",
        Write(404, ("content-type", "application/json"), ("x-odd", "b\"c")));

    // RFC 9110, 5.5: field-vchar, SP and HTAB, and of the rest CR, LF and NUL above all.
    [Theory]
    [InlineData("a\r\nset-cookie: b=c", "a  set-cookie: b=c")]
    [InlineData("a\0b", "a b")]
    [InlineData("a\tb ~!", "a\\tb ~!")]
    [InlineData("\u0001\u001f\u007f", "   ")]
    [InlineData("\u0080\u0085é\u2028富", "     ")]
    public void CharactersThatCannotStandInAHeader_AreBlanks(string value, string written) => Assert.Equal(
        $"{{\"statusCode\":200,\"headers\":{{\"x-any\":\"{written}\"}}}}\0\0\0\0\0\0\0\0", Write(200, ("x-any", value)));

    private static string Write(int status, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        using var output = new ByteBuffer();
        Prelude.Write(output, status, headers);
        return Encoding.UTF8.GetString(output.Unread);
    }
}
