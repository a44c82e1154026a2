using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>Expected names are what the public endpoint rule set of sagemaker-runtime resolves to.</summary>
public class RuntimeEndpointTests
{
    [Theory]
    [InlineData("us-east-1", false, false, "https://runtime.sagemaker.us-east-1.amazonaws.com")]
    [InlineData("us-east-1", false, true, "https://runtime.sagemaker.us-east-1.api.aws")]
    [InlineData("us-east-1", true, false, "https://runtime-fips.sagemaker.us-east-1.amazonaws.com")]
    [InlineData("us-east-1", true, true, "https://runtime.sagemaker-fips.us-east-1.api.aws")]
    [InlineData("mx-central-1", false, false, "https://runtime.sagemaker.mx-central-1.amazonaws.com")]
    [InlineData("xx-new-1", false, false, "https://runtime.sagemaker.xx-new-1.amazonaws.com")]
    [InlineData("us-gov-west-1", false, false, "https://runtime.sagemaker.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", false, true, "https://runtime.sagemaker.us-gov-west-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://runtime.sagemaker.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, true, "https://runtime.sagemaker-fips.us-gov-west-1.api.aws")]
    [InlineData("cn-north-1", false, false, "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-north-1", false, true, "https://runtime.sagemaker.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("cn-north-1", true, false, "https://runtime.sagemaker-fips.cn-north-1.amazonaws.com.cn")]
    [InlineData("cn-north-1", true, true, "https://runtime.sagemaker-fips.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("us-iso-east-1", false, false, "https://runtime.sagemaker.us-iso-east-1.c2s.ic.gov")]
    [InlineData("us-iso-east-1", false, true, "https://runtime.sagemaker.us-iso-east-1.api.aws.ic.gov")]
    [InlineData("us-iso-east-1", true, false, "https://runtime.sagemaker-fips.us-iso-east-1.c2s.ic.gov")]
    [InlineData("us-iso-east-1", true, true, "https://runtime.sagemaker-fips.us-iso-east-1.api.aws.ic.gov")]
    [InlineData("us-isob-east-1", false, false, "https://runtime.sagemaker.us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("us-isob-east-1", true, true, "https://runtime.sagemaker-fips.us-isob-east-1.api.aws.scloud")]
    [InlineData("eu-isoe-west-1", false, false, "https://runtime.sagemaker.eu-isoe-west-1.cloud.adc-e.uk")]
    [InlineData("eu-isoe-west-1", false, true, "https://runtime.sagemaker.eu-isoe-west-1.api.cloud-aws.adc-e.uk")]
    [InlineData("us-isof-south-1", true, false, "https://runtime.sagemaker-fips.us-isof-south-1.csp.hci.ic.gov")]
    [InlineData("us-isof-south-1", true, true, "https://runtime.sagemaker-fips.us-isof-south-1.api.aws.hci.ic.gov")]
    [InlineData("eusc-de-east-1", false, false, "https://runtime.sagemaker.eusc-de-east-1.amazonaws.eu")]
    [InlineData("eusc-de-east-1", true, false, "https://runtime.sagemaker-fips.eusc-de-east-1.amazonaws.eu")]
    [InlineData("eusc-de-east-1", true, true, "https://runtime.sagemaker-fips.eusc-de-east-1.api.amazonwebservices.eu")]
    public void RegionFipsAndDualStack_GiveTheRuleSetsName(string region, bool fips, bool dualStack, string expected)
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = region,
            ["AWS_USE_FIPS_ENDPOINT"] = fips ? "true" : null,
            ["AWS_USE_DUALSTACK_ENDPOINT"] = dualStack ? "True" : "false",
        };
        Assert.Equal(new Uri(expected), Read(variables, out var errors)!.Endpoint);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData(
        "https://vpce-1.runtime.sagemaker.us-east-1.vpce.amazonaws.com/",
        "https://vpce-1.runtime.sagemaker.us-east-1.vpce.amazonaws.com/")]
    [InlineData("http://gateway/sagemaker/v1/", "http://gateway/sagemaker/v1")]
    public void Override_IsTakenWithItsPath(string given, string expected)
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ENDPOINT_URL"] = "http://general",
            ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = given,
        };
        Assert.Equal(expected, Read(variables, out var errors)!.Endpoint.AbsoluteUri);
        Assert.Empty(errors);
    }

    [Fact]
    public void GeneralOverride_IsTakenWhenTheServiceHasNone()
    {
        var variables = new Dictionary<string, string?> { ["AWS_REGION"] = "us-east-1", ["AWS_ENDPOINT_URL"] = "http://general" };
        Assert.Equal("http://general/", Read(variables, out _)!.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void IgnoredOverrides_LeaveTheRegionsName()
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = "eu-west-2",
            ["AWS_ENDPOINT_URL"] = "http://general",
            ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = "http://own",
            ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true",
        };
        Assert.Equal("https://runtime.sagemaker.eu-west-2.amazonaws.com/", Read(variables, out _)!.Endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("/endpoints")]
    [InlineData("ftp://host/")]
    [InlineData("https://user:pw@host/")]
    [InlineData("https://host/?a=b")]
    [InlineData("https://host/#a")]
    [InlineData("https://host/a//b")]
    [InlineData("https://b\u00fccher.example/")]
    public void UnusableOverride_IsAnError(string given)
    {
        var variables = new Dictionary<string, string?> { ["AWS_REGION"] = "us-east-1", ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = given };
        Assert.Null(Read(variables, out var errors));
        Assert.StartsWith("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME must be", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT")]
    public void OverrideWithAVariant_IsAnError(string variable)
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ENDPOINT_URL"] = "https://host",
            [variable] = "true",
        };
        Assert.Null(Read(variables, out var errors));
        Assert.Equal($"{variable} and AWS_ENDPOINT_URL exclude each other.", Assert.Single(errors));
    }

    [Fact]
    public void UnreadableFlags_AreAllReported()
    {
        var variables = new Dictionary<string, string?>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_USE_FIPS_ENDPOINT"] = "yes",
            ["AWS_USE_DUALSTACK_ENDPOINT"] = "1",
        };
        Assert.Null(Read(variables, out var errors));
        Assert.Equal(
            ["AWS_USE_FIPS_ENDPOINT must be true or false; it is 'yes'.", "AWS_USE_DUALSTACK_ENDPOINT must be true or false; it is '1'."],
            errors);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("us east 1")]
    [InlineData("us-east-1.evil.example/")]
    [InlineData("-us")]
    public void UnusableRegion_IsAnError(string? region)
    {
        Assert.Null(Read(new Dictionary<string, string?> { ["AWS_REGION"] = region }, out var errors));
        Assert.StartsWith("AWS_REGION", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void DefaultRegion_StandsInForTheRegion()
    {
        var options = Read(new Dictionary<string, string?> { ["AWS_DEFAULT_REGION"] = "eu-west-2" }, out _)!;
        Assert.Equal("eu-west-2", options.Region);
    }

    [Theory]
    [InlineData("HTTPS_PROXY", true)]
    [InlineData("https_proxy", true)]
    [InlineData("ALL_PROXY", true)]
    [InlineData("HTTP_PROXY", false)]
    [InlineData("NO_PROXY", false)]
    public void ProxyVariables_SwitchTheProxyOn(string variable, bool expected)
    {
        var options = Read(new Dictionary<string, string?> { ["AWS_REGION"] = "us-east-1", [variable] = "http://proxy:3128" }, out _)!;
        Assert.Equal(expected, options.UseProxy);
    }

    private static SageMakerOptions? Read(Dictionary<string, string?> variables, out List<string> errors)
    {
        errors = [];
        return SageMakerOptions.FromEnvironment(variables.GetValueOrDefault, errors);
    }
}
