using LambdaStreamer.Telemetry;
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
        Assert.Equal([new ServedModel { Id = "my-endpoint", EndpointName = "my-endpoint", Api = EndpointApi.Both }], settings!.Models);
        Assert.False(settings.AcceptAnyModel);
        Assert.Null(settings.TargetVariant);
        Assert.Equal(2_000_000, settings.MaxRequestBytes);
        Assert.Equal(TimeSpan.FromSeconds(120), settings.SageMaker.FirstTokenTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.SageMaker.IdleTimeout);
        Assert.Null(settings.SageMaker.TotalTimeout);
        Assert.Null(settings.FallbackEndpointName);
        Assert.Null(settings.FallbackInferenceComponentName);
        Assert.Equal(LogLevel.Info, settings.LogLevel);
        Assert.Equal(TimeSpan.FromSeconds(15), settings.KeepAlive);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.DeadlineMargin);
        Assert.Equal(200_000_000, settings.MaxResponseBytes);
        Assert.Equal((LogFormat.Text, null, null), (settings.LogFormat, settings.MetricsNamespace, settings.MaxNewTokensLimit));
        Assert.False(settings.Keys.AreRequired);
        Assert.Null(settings.Cors);
        Assert.False(settings.IsSamLocal);
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
                ["MODEL_ID"] = "my-model",
                ["ENDPOINT_API"] = "openai",
                ["ACCEPT_ANY_MODEL"] = "true",
                ["DIALECT"] = "chat",
                ["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG",
                ["KEEP_ALIVE_SECONDS"] = "0",
                ["DEADLINE_MARGIN_MILLISECONDS"] = "1500",
                ["MAX_RESPONSE_BYTES"] = "50000",
                ["AWS_LAMBDA_LOG_FORMAT"] = "JSON",
                ["METRICS_NAMESPACE"] = "My/Namespace",
                ["MAX_NEW_TOKENS_LIMIT"] = "512",
                ["API_KEY_HASHES"] = $"ci={new string('0', 64)}",
                ["ALLOWED_ORIGINS"] = "https://app.example",
                ["AWS_SAM_LOCAL"] = "true",
            },
            out var errors);
        Assert.Empty(errors);
        Assert.Equal(("blue", 1000), (settings!.TargetVariant, settings.MaxRequestBytes));
        var model = Assert.Single(settings.Models);
        Assert.Equal(
            ("my-model", "my-endpoint", "component", Dialect.Chat, EndpointApi.OpenAI),
            (model.Id, model.EndpointName, model.InferenceComponentName, model.Dialect, model.Api));
        Assert.True(settings.AcceptAnyModel);
        Assert.Equal(TimeSpan.FromSeconds(7), settings.SageMaker.FirstTokenTimeout);
        Assert.Equal(TimeSpan.FromSeconds(8), settings.SageMaker.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(9), settings.SageMaker.TotalTimeout);
        Assert.Equal(("other", "other-component"), (settings.FallbackEndpointName, settings.FallbackInferenceComponentName));
        Assert.Equal(LogLevel.Debug, settings.LogLevel);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(1.5)), (settings.KeepAlive, settings.DeadlineMargin));
        Assert.Equal(50_000, settings.MaxResponseBytes);
        Assert.Equal((LogFormat.Json, "My/Namespace", 512), (settings.LogFormat, settings.MetricsNamespace, settings.MaxNewTokensLimit));
        Assert.True(settings.Keys.AreRequired);
        Assert.NotNull(settings.Cors);
        Assert.True(settings.IsSamLocal);
    }

    [Theory]
    [InlineData("METRICS_NAMESPACE", "a b", "METRICS_NAMESPACE must be 1 to 256 letters, digits and . - _ / # : characters.")]
    [InlineData("MAX_NEW_TOKENS_LIMIT", "0", "MAX_NEW_TOKENS_LIMIT must be a whole number from 1 to 2147483647; it is '0'.")]
    [InlineData("AWS_LAMBDA_LOG_FORMAT", "xml", "AWS_LAMBDA_LOG_FORMAT must be one of text, json; it is 'xml'.")]
    public void OperatorsVariableThatIsWrong_IsToldAtInit(string variable, string value, string expected)
    {
        Assert.Null(Read(new(Minimal) { [variable] = value }, out var errors));
        Assert.Equal([expected], errors);
    }

    [Fact]
    public void SeveralModels_AreReadFromTheirList()
    {
        var settings = Read(
            new()
            {
                ["AWS_REGION"] = "eu-central-1",
                ["MODELS"] = """
                    [{"id":"small","endpoint":"first"},
                     {"id":"large","endpoint":"second","inferenceComponent":"component","dialect":"chat","api":"openai"}]
                    """,
            },
            out var errors);
        Assert.Empty(errors);
        Assert.Equal(
            [
                new ServedModel { Id = "small", EndpointName = "first", Api = EndpointApi.Both },
                new ServedModel
                {
                    Id = "large", EndpointName = "second", InferenceComponentName = "component", Dialect = Dialect.Chat, Api = EndpointApi.OpenAI,
                },
            ],
            settings!.Models);
    }

    [Theory]
    [InlineData("{}", "MODELS must be a JSON array of 1 to 100 objects.")]
    [InlineData("[]", "MODELS must be a JSON array of 1 to 100 objects.")]
    [InlineData("[", "MODELS is not valid JSON (line 1, byte 2).")]
    [InlineData("[1]", "MODELS[0] must be an object.")]
    [InlineData("""[{"id":"a"}]""", "MODELS[0] must have an \"id\" of 1 to 256 characters and an \"endpoint\".")]
    [InlineData("""[{"id":1,"endpoint":"e"}]""", "MODELS[0].id must be a string.")]
    [InlineData("""[{"id":"a","endpoint":"e","colour":"red"}]""", "MODELS[0] has the unknown member 'colour'.")]
    [InlineData("""[{"id":"a","endpoint":"e f"}]""", "MODELS[0].endpoint must be a name of letters, digits and inner hyphens, at most 63.")]
    [InlineData("""[{"id":"a","endpoint":"e"},{"id":"a","endpoint":"f"}]""", "MODELS has the id 'a' twice.")]
    [InlineData("""[{"id":"a","endpoint":"e","api":"soap"}]""", "MODELS[0].api must be one of generate, both, openai; it is 'soap'.")]
    [InlineData("""[{"id":"a","endpoint":"e","jumpStartModelId":"x"}]""", "MODELS[0].jumpStartModelId 'x' is none of the ten that are known here.")]
    public void ListOfModelsThatIsWrong_IsToldAtInit(string models, string expected)
    {
        Assert.Null(Read(new() { ["AWS_REGION"] = "eu-central-1", ["MODELS"] = models }, out var errors));
        Assert.Equal([expected], errors);
    }

    [Fact]
    public void ListOfModelsBesideAnEndpoint_IsRefused()
    {
        Assert.Null(Read(new(Minimal) { ["MODELS"] = """[{"id":"a","endpoint":"e"}]""" }, out var errors));
        Assert.Equal(["SAGEMAKER_ENDPOINT_NAME and MODELS exclude each other."], errors);
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
                ["ACCEPT_ANY_MODEL"] = "yes",
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
                "DIALECT must be one of recognised, generate, chat, completions, outputs; it is '1'.",
                "AWS_REGION is not set.",
                "FIRST_TOKEN_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '0'.",
                "IDLE_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '901'.",
                "TOTAL_TIMEOUT_SECONDS must be a whole number from 1 to 900; it is '-1'.",
                "FALLBACK_ENDPOINT_NAME must be a name of letters, digits and inner hyphens, at most 63, and no ARN; it is 'a b'.",
                "ACCEPT_ANY_MODEL must be true or false; it is 'yes'.",
                "AWS_LAMBDA_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal; it is 'loud'.",
                "KEEP_ALIVE_SECONDS must be a whole number from 0 to 900; it is '15s'.",
                "DEADLINE_MARGIN_MILLISECONDS must be a whole number from 1 to 60000; it is '0'.",
                "MAX_REQUEST_BYTES must be a whole number from 1 to 6291456; it is 'many'.",
                "MAX_RESPONSE_BYTES must be a whole number from 8192 to 2147483647; it is '0'.",
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
