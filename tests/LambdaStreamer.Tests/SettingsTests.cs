namespace LambdaStreamer.Tests;

public class SettingsTests
{
    private static readonly Dictionary<string, string> Minimal = new()
    {
        ["SAGEMAKER_ENDPOINT_NAME"] = "my-endpoint",
        ["AWS_REGION"] = "eu-central-1",
    };

    [Fact]
    public void MinimalEnvironment_HasTheDocumentedDefaults()
    {
        var settings = Read(Minimal, out var errors);
        Assert.Empty(errors);
        Assert.Equal("my-endpoint", settings!.EndpointName);
        Assert.Null(settings.InferenceComponentName);
        Assert.Null(settings.TargetVariant);
        Assert.Equal(2_000_000, settings.MaxRequestBytes);
        Assert.Equal(TimeSpan.FromSeconds(120), settings.SageMaker.FirstTokenTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.SageMaker.IdleTimeout);
        Assert.Equal("https://runtime.sagemaker.eu-central-1.amazonaws.com/", settings.SageMaker.Endpoint.ToString());
    }

    [Fact]
    public void EveryVariable_IsRead()
    {
        var settings = Read(
            new(Minimal)
            {
                ["SAGEMAKER_INFERENCE_COMPONENT_NAME"] = "component",
                ["SAGEMAKER_TARGET_VARIANT"] = "blue",
                ["MAX_REQUEST_BYTES"] = "1000",
                ["FIRST_TOKEN_TIMEOUT_SECONDS"] = "7",
                ["IDLE_TIMEOUT_SECONDS"] = "8",
            },
            out var errors);
        Assert.Empty(errors);
        Assert.Equal(("component", "blue", 1000), (settings!.InferenceComponentName, settings.TargetVariant, settings.MaxRequestBytes));
        Assert.Equal(TimeSpan.FromSeconds(7), settings.SageMaker.FirstTokenTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), settings.SageMaker.IdleTimeout);
    }

    [Fact]
    public void EverythingThatIsWrong_IsToldAtOnce()
    {
        var settings = Read(
            new()
            {
                ["MAX_REQUEST_BYTES"] = "many",
                ["FIRST_TOKEN_TIMEOUT_SECONDS"] = "0",
                ["IDLE_TIMEOUT_SECONDS"] = "901",
            },
            out var errors);
        Assert.Null(settings);
        Assert.Equal(
            [
                "SAGEMAKER_ENDPOINT_NAME is not set.",
                "AWS_REGION is not set.",
                "MAX_REQUEST_BYTES must be a whole number from 1 to 6291456; it is 'many'.",
                "FIRST_TOKEN_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '0'.",
                "IDLE_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '901'.",
            ],
            errors);
    }

    [Theory]
    [InlineData("SAGEMAKER_ENDPOINT_NAME", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/my-endpoint")]
    [InlineData("SAGEMAKER_INFERENCE_COMPONENT_NAME", "-component")]
    [InlineData("SAGEMAKER_TARGET_VARIANT", "blue green")]
    public void NameThatSageMakerRefuses_IsToldAtInit(string variable, string value)
    {
        Assert.Null(Read(new(Minimal) { [variable] = value }, out var errors));
        Assert.Equal([$"{variable} must be a name of letters, digits and inner hyphens, at most 63, and no ARN; it is '{value}'."], errors);
    }

    [Fact]
    public void UnknownTrustStore_IsToldAtInit()
    {
        Assert.Null(Read(new(Minimal) { ["TRUST_STORE"] = "sytem" }, out var errors));
        Assert.Equal(["TRUST_STORE must be system or not be set."], errors);
        Assert.NotNull(Read(new(Minimal) { ["TRUST_STORE"] = "system" }, out _));
    }

    private static Settings? Read(Dictionary<string, string> environment, out List<string> errors) =>
        Settings.FromEnvironment(environment.GetValueOrDefault, errors = []);
}
