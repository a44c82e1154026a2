using System.Text;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class CredentialSourceTests
{
    [Theory]
    [InlineData("token", "token")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task KeysInTheEnvironment_AreTaken(string? given, string? expected)
    {
        var source = Read(
            new() { ["AWS_ACCESS_KEY_ID"] = "AKID", ["AWS_SECRET_ACCESS_KEY"] = "secret", ["AWS_SESSION_TOKEN"] = given }, out _)!;
        var keys = await source.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("AKID", "secret", expected), (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        Assert.False(source.Reject(keys));
    }

    [Fact]
    public void KeysInTheEnvironment_WinOverTheContainers()
    {
        var source = Read(
            new()
            {
                ["AWS_ACCESS_KEY_ID"] = "AKID",
                ["AWS_SECRET_ACCESS_KEY"] = "secret",
                ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost/",
            },
            out _);
        Assert.IsType<EnvironmentCredentials>(source);
    }

    [Fact]
    public void NoCredentialsAtAll_IsAnErrorThatNamesTheVariables()
    {
        Assert.Null(Read([], out var errors));
        Assert.Equal(
            "No AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_CONTAINER_CREDENTIALS_FULL_URI.",
            Assert.Single(errors));
    }

    [Fact]
    public void OneKeyOfTwo_IsAnError()
    {
        Assert.Null(Read(new() { ["AWS_ACCESS_KEY_ID"] = "AKID" }, out var errors));
        Assert.Equal("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together; only one of them is.", Assert.Single(errors));
    }

    [Theory]
    [InlineData("AK\r\nID", "secret", null)]
    [InlineData("AKID", "sec ret", null)]
    [InlineData("AKID", "secret", "to\nken")]
    public void KeysThatFitNoHeader_AreAnError(string id, string secret, string? token)
    {
        Assert.Null(Read(
            new() { ["AWS_ACCESS_KEY_ID"] = id, ["AWS_SECRET_ACCESS_KEY"] = secret, ["AWS_SESSION_TOKEN"] = token }, out var errors));
        Assert.EndsWith("is too long or holds blanks or control characters.", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AwsCredentials(id, secret, token));
    }

    [Theory]
    [InlineData("https://credentials.example/x", true)]
    [InlineData("http://localhost:1/x", true)]
    [InlineData("http://127.0.0.2:9001/2021-04-23/credentials", true)]
    [InlineData("http://[::1]/x", true)]
    [InlineData("http://169.254.170.2/x", true)]
    [InlineData("http://169.254.170.23/v1/credentials", true)]
    [InlineData("http://[fd00:ec2::23]/v1/credentials", true)]
    [InlineData("http://169.254.169.254/x", false)]
    [InlineData("http://10.0.0.1/x", false)]
    [InlineData("http://169.254.170.2.evil.example/x", false)]
    [InlineData("ftp://localhost/x", false)]
    [InlineData("nonsense", false)]
    public void FullUri_MayLeaveTheMachineOnlyWithTls(string address, bool accepted)
    {
        var source = Read(new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = address }, out var errors);
        Assert.Equal((accepted, accepted ? 0 : 1), (source is ContainerCredentials, errors.Count));
    }

    [Theory]
    [InlineData("/v2/credentials/1", true)]
    [InlineData("v2/credentials/1", false)]
    [InlineData("@evil.example/", false)]
    public void RelativeUri_IsAPath(string path, bool accepted)
    {
        var source = Read(new() { ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = path }, out var errors);
        Assert.Equal((accepted, accepted ? 0 : 1), (source is ContainerCredentials, errors.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"AccessKeyId\":\"AKID\"}")]
    [InlineData("{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":1}")]
    [InlineData("{\"AccessKeyId\":\"AK\\nID\",\"SecretAccessKey\":\"secret\"}")]
    [InlineData("{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"sec")]
    public void ReplyWithoutKeys_IsNone(string json) => Assert.Null(ContainerCredentialsReply.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void ReplyWithMoreThanKeys_IsRead()
    {
        var keys = ContainerCredentialsReply.Parse("""
            {"RoleArn":{"a":[1]},"AccessKeyId":"AKID","SecretAccessKey":"secret","Token":"token","Expiration":"2026-01-02T04:04:05Z"}
            """u8)!;
        Assert.Equal(("AKID", "secret", "token"), (keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.Zero), keys.Expiration);
    }

    private static CredentialSource? Read(Dictionary<string, string?> variables, out List<string> errors)
    {
        errors = [];
        return CredentialSource.FromEnvironment(variables.GetValueOrDefault, TimeProvider.System, errors);
    }
}
