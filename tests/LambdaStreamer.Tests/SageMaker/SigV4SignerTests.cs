using System.Text;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>The cases of AWS's published Signature Version 4 test suite, and the worked example of its documentation.</summary>
public class SigV4SignerTests
{
    private const string Scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ";

    private static readonly DateTimeOffset Moment = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly AwsCredentials Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

    [Theory]
    [InlineData("get-vanilla", "GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "",
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [InlineData("get-utf8", "GET", "/\u1234", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-space", "GET", "/example space/", "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-vanilla-query-order-value", "GET", "/", "Param1=value2&Param1=value1",
        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694")]
    [InlineData("get-vanilla-empty-query-key", "GET", "/", "Param1=value1",
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("get-vanilla-query-unreserved", "GET", "/",
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        + "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")]
    [InlineData("get-vanilla-utf8-query", "GET", "/", "%E1%88%B4=bar",
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData("post-vanilla", "POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-vanilla-query", "POST", "/", "Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    public void SuiteCaseWithoutHeaders_GivesItsSignature(string name, string method, string path, string query, string signature)
    {
        var expected = Scope + "SignedHeaders=host;x-amz-date, Signature=" + signature;
        Assert.Equal((name, expected), (name, Authorization(method, path, query, "", Keys)));
    }

    [Fact]
    public void GetHeaderValueTrim_GivesItsSignature()
    {
        var authorization = Authorization("GET", "/", "", "", Keys, ("my-header1", " value1"), ("my-header2", " \"a   b   c\""));
        Assert.Equal(
            Scope + "SignedHeaders=host;my-header1;my-header2;x-amz-date, "
            + "Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            authorization);
    }

    [Fact]
    public void PostHeaderKeySort_GivesItsSignature()
    {
        var authorization = Authorization("POST", "/", "", "", Keys, ("my-header1", "value1"));
        Assert.Equal(
            Scope + "SignedHeaders=host;my-header1;x-amz-date, Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
            authorization);
    }

    [Fact]
    public void PostHeaderValueCase_GivesItsSignature()
    {
        var authorization = Authorization("POST", "/", "", "", Keys, ("my-header1", "VALUE1"));
        Assert.Equal(
            Scope + "SignedHeaders=host;my-header1;x-amz-date, Signature=cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
            authorization);
    }

    [Fact]
    public void PostFormUrlEncoded_GivesItsSignature()
    {
        var authorization = Authorization("POST", "/", "", "Param1=value1", Keys, ("content-type", "application/x-www-form-urlencoded"));
        Assert.Equal(
            Scope + "SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            authorization);
    }

    [Fact]
    public void PostStsHeaderBefore_SignsTheSessionToken()
    {
        var keys = new AwsCredentials(
            Keys.AccessKeyId,
            Keys.SecretAccessKey,
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
            + "qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38x"
            + "Vqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==");
        Assert.Equal(
            Scope + "SignedHeaders=host;x-amz-date;x-amz-security-token, "
            + "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            Authorization("POST", "/", "", "", keys));
    }

    [Fact]
    public void ListUsersOfTheGuide_GivesItsSignature()
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new("host", "iam.amazonaws.com"),
            new("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        };
        new SigV4Signer("us-east-1", "iam").Sign(headers, "GET", "/", "Action=ListUsers&Version=2010-05-08", [], Keys, Moment);
        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            headers[^1].Value);
    }

    [Fact]
    public void AnotherDayOrSecret_GetsAnotherKey()
    {
        var signer = new SigV4Signer("us-east-1", "service");
        string Sign(AwsCredentials keys, DateTimeOffset moment)
        {
            var headers = new List<KeyValuePair<string, string>> { new("host", "example.amazonaws.com") };
            signer.Sign(headers, "GET", "/", "", [], keys, moment);
            return headers[^1].Value;
        }

        var first = Sign(Keys, Moment);
        Assert.NotEqual(first, Sign(Keys, Moment.AddDays(1)));
        Assert.NotEqual(first, Sign(new AwsCredentials("AKIDEXAMPLE", "another"), Moment));
        Assert.Equal(first, Sign(Keys, Moment));
    }

    private static string Authorization(
        string method, string path, string query, string body, AwsCredentials keys, params (string Name, string Value)[] more)
    {
        var headers = new List<KeyValuePair<string, string>> { new("host", "example.amazonaws.com") };
        headers.AddRange(more.Select(static header => KeyValuePair.Create(header.Name, header.Value)));
        new SigV4Signer("us-east-1", "service").Sign(headers, method, path, query, Encoding.UTF8.GetBytes(body), keys, Moment);
        Assert.Equal("authorization", headers[^1].Key);
        return headers[^1].Value;
    }
}
