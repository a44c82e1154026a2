using LambdaStreamer.Tokens;

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
        Assert.Null(settings.SageMaker.TotalTimeout);
        Assert.Null(settings.FallbackEndpointName);
        Assert.Null(settings.FallbackInferenceComponentName);
        Assert.Null(settings.ModelId);
        Assert.Equal(Dialect.Recognised, settings.Dialect);
        Assert.Equal(LogLevel.Info, settings.LogLevel);
        Assert.Equal(TimeSpan.FromSeconds(15), settings.KeepAlive);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.DeadlineMargin);
        Assert.Equal(200_000_000, settings.MaxResponseBytes);
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
                ["TOTAL_TIMEOUT_SECONDS"] = "9",
                ["FALLBACK_ENDPOINT_NAME"] = "other",
                ["FALLBACK_INFERENCE_COMPONENT_NAME"] = "other-component",
                ["MODEL_ID"] = "huggingface-llm-mistral-7b",
                ["DIALECT"] = "chat",
                ["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG",
                ["KEEP_ALIVE_SECONDS"] = "0",
                ["DEADLINE_MARGIN_MILLISECONDS"] = "1500",
                ["MAX_RESPONSE_BYTES"] = "5000",
            },
            out var errors);
        Assert.Empty(errors);
        Assert.Equal(("component", "blue", 1000), (settings!.InferenceComponentName, settings.TargetVariant, settings.MaxRequestBytes));
        Assert.Equal(TimeSpan.FromSeconds(7), settings.SageMaker.FirstTokenTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), settings.SageMaker.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(9), settings.SageMaker.TotalTimeout);
        Assert.Equal(("other", "other-component"), (settings.FallbackEndpointName, settings.FallbackInferenceComponentName));
        Assert.Equal("huggingface-llm-mistral-7b", settings.ModelId);
        Assert.Equal((Dialect.Chat, LogLevel.Debug), (settings.Dialect, settings.LogLevel));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(1.5)), (settings.KeepAlive, settings.DeadlineMargin));
        Assert.Equal(5000, settings.MaxResponseBytes);
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
                ["TOTAL_TIMEOUT_SECONDS"] = "-1",
                ["FALLBACK_ENDPOINT_NAME"] = "a b",
                ["DIALECT"] = "1",
                ["AWS_LAMBDA_LOG_LEVEL"] = "loud",
                ["KEEP_ALIVE_SECONDS"] = "15s",
                ["DEADLINE_MARGIN_MILLISECONDS"] = "0",
                ["MAX_RESPONSE_BYTES"] = "0",
            },
            out var errors);
        Assert.Null(settings);
        Assert.Equal(
            [
                "SAGEMAKER_ENDPOINT_NAME is not set.",
                "AWS_REGION is not set.",
                "FIRST_TOKEN_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '0'.",
                "IDLE_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '901'.",
                "TOTAL_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '-1'.",
                "FALLBACK_ENDPOINT_NAME must be a name of letters, digits and inner hyphens, at most 63, and no ARN; it is 'a b'.",
                "DIALECT must be one of recognised, generate, chat, completions, outputs; it is '1'.",
                "AWS_LAMBDA_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal; it is 'loud'.",
                "KEEP_ALIVE_SECONDS must be a whole number from 0 to 900; it is '15s'.",
                "DEADLINE_MARGIN_MILLISECONDS must be a whole number from 1 to 60000; it is '0'.",
                "MAX_REQUEST_BYTES must be a whole number from 1 to 6291456; it is 'many'.",
                "MAX_RESPONSE_BYTES must be a whole number from 1 to 2147483647; it is '0'.",
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
