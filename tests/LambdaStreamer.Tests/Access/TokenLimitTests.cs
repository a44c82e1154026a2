using LambdaStreamer.Access;

namespace LambdaStreamer.Tests.Access;

public class TokenLimitTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(100, null, 100)]
    [InlineData(null, 10, 10)]
    [InlineData(100, 10, 10)]
    [InlineData(10, 100, 10)]
    public void LowerOfTheTwoLimits_Holds(int? ofFunction, int? ofKey, int? expected)
    {
        var environment = new Dictionary<string, string> { ["SAGEMAKER_ENDPOINT_NAME"] = "e", ["AWS_REGION"] = "us-east-1" };
        var settings = Settings.FromEnvironment(environment.GetValueOrDefault, [])! with { MaxNewTokensLimit = ofFunction };
        var limit = TokenLimit.Of(settings, new ApiKey { Name = "k", Hash = new byte[32], MaxNewTokens = ofKey });
        Assert.Equal(expected, limit.Value);
        Assert.Equal(expected is null, limit.Allows(1000, out var problem));
        Assert.Equal(expected is null ? null : 400, problem?.Status);
        Assert.True(limit.Allows(asked: null, out _));
        Assert.Equal((expected, 5), (limit.Apply(null), limit.Apply(5)));
    }
}
