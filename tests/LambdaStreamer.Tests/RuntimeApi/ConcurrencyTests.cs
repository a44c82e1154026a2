using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Tests.RuntimeApi;

public class ConcurrencyTests
{
    [Theory]
    [InlineData(null, 1)]
    [InlineData("", 1)]
    [InlineData("1", 1)]
    [InlineData("64", 64)]
    [InlineData("1600", 1600)]
    public void NumberFromLambda_IsRead(string? text, int expected)
    {
        var errors = new List<string>();
        Assert.Equal(expected, Concurrency.FromEnvironment(name => name == "AWS_LAMBDA_MAX_CONCURRENCY" ? text : null, errors));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1601")]
    [InlineData(" 2")]
    [InlineData("many")]
    public void AnythingElse_IsNamed(string text)
    {
        var errors = new List<string>();
        Concurrency.FromEnvironment(_ => text, errors);
        Assert.Equal([$"AWS_LAMBDA_MAX_CONCURRENCY must be a whole number from 1 to 1600; it is '{text}'."], errors);
    }
}
