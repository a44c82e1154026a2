using System.Globalization;
using LambdaStreamer.Access;
using LambdaStreamer.Catalogue;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;
using LambdaStreamer.Tokens;

namespace LambdaStreamer;

/// <summary>The function's configuration: read from the environment once, checked all at once.</summary>
public sealed record Settings
{
    private const int DefaultMaxRequestBytes = 2_000_000;

    /// <summary>Lambda's largest streamed response; the smaller reading of "200 MB".</summary>
    private const int DefaultMaxResponseBytes = 200_000_000;

    /// <summary>Room for an error event and some tokens before it.</summary>
    private const int MinResponseBytes = 8 * 1024;

    private const int DefaultDeadlineMarginMilliseconds = 500;
    private const int DefaultKeepAliveSeconds = 15;
    private const int MaxSeconds = 900;

    /// <summary>
    /// <c>MODELS</c>, or the one that <c>SAGEMAKER_ENDPOINT_NAME</c>, <c>SAGEMAKER_INFERENCE_COMPONENT_NAME</c>, <c>MODEL_ID</c> (a JumpStart
    /// id, or any label), <c>DIALECT</c> and <c>ENDPOINT_API</c> describe. At least one; the first serves requests that name none.
    /// </summary>
    public required IReadOnlyList<ServedModel> Models { get; init; }

    /// <summary><c>ACCEPT_ANY_MODEL</c>: a request may name its model as it likes and gets the first.</summary>
    public bool AcceptAnyModel { get; init; }

    /// <summary><c>SAGEMAKER_TARGET_VARIANT</c>: one of several production variants; a request may name another.</summary>
    public string? TargetVariant { get; init; }

    /// <summary>
    /// <c>FALLBACK_ENDPOINT_NAME</c>: asked once when the endpoint refuses for want of capacity, before the first token.
    /// </summary>
    public string? FallbackEndpointName { get; init; }

    /// <summary><c>FALLBACK_INFERENCE_COMPONENT_NAME</c>.</summary>
    public string? FallbackInferenceComponentName { get; init; }

    /// <summary><c>KEEP_ALIVE_SECONDS</c>: the longest silence on an event stream; zero for no keep-alives.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(DefaultKeepAliveSeconds);

    /// <summary><c>DEADLINE_MARGIN_MILLISECONDS</c>: what an ended wait leaves of the function's time, in which the client is told.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromMilliseconds(DefaultDeadlineMarginMilliseconds);

    /// <summary><c>MAX_RESPONSE_BYTES</c>; the default is Lambda's own limit.</summary>
    public int MaxResponseBytes { get; init; } = DefaultMaxResponseBytes;

    /// <summary><c>AWS_SAM_LOCAL</c>, set to <c>true</c> by <c>sam local</c>.</summary>
    public bool IsSamLocal { get; init; }

    /// <summary><c>AWS_LAMBDA_LOG_LEVEL</c>, set by Lambda.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    /// <summary><c>AWS_LAMBDA_LOG_FORMAT</c>, set by Lambda.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary><c>METRICS_NAMESPACE</c>: where CloudWatch files the metrics; null for none.</summary>
    public string? MetricsNamespace { get; init; }

    /// <summary><c>API_KEY_HASHES</c>.</summary>
    public ApiKeys Keys { get; init; } = ApiKeys.None;

    /// <summary><c>ALLOWED_ORIGINS</c>; null leaves CORS to the Function URL.</summary>
    public CorsPolicy? Cors { get; init; }

    /// <summary><c>MAX_NEW_TOKENS_LIMIT</c>: no request may ask for more, and no answer has more; null for no limit.</summary>
    public int? MaxNewTokensLimit { get; init; }

    /// <summary><c>MAX_REQUEST_BYTES</c>; the default is the size at which TGI itself refuses a body.</summary>
    public int MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>
    /// The AWS part: <c>AWS_REGION</c>, endpoint addresses, <c>FIRST_TOKEN_TIMEOUT_SECONDS</c>, <c>IDLE_TIMEOUT_SECONDS</c>,
    /// <c>TOTAL_TIMEOUT_SECONDS</c>.
    /// </summary>
    public required SageMakerOptions SageMaker { get; init; }

    /// <summary>Null: <paramref name="errors"/> holds everything that is wrong, one message each.</summary>
    /// <param name="environment">Looks a variable up; null or empty when unset.</param>
    /// <param name="errors">Receives the messages.</param>
    public static Settings? FromEnvironment(Func<string, string?> environment, ICollection<string> errors)
    {
        var errorsBefore = errors.Count;
        var models = ReadModels(environment, errors);
        var targetVariant = Name(environment, "SAGEMAKER_TARGET_VARIANT", errors);
        if (!TrustStore.IsChoice(environment))
        {
            errors.Add("TRUST_STORE must be system or not be set.");
        }

        var sageMaker = SageMakerOptions.FromEnvironment(environment, errors);
        var firstToken = Seconds(environment, "FIRST_TOKEN_TIMEOUT_SECONDS", errors);
        var idle = Seconds(environment, "IDLE_TIMEOUT_SECONDS", errors);
        var total = Seconds(environment, "TOTAL_TIMEOUT_SECONDS", errors);
        var fallback = Name(environment, "FALLBACK_ENDPOINT_NAME", errors);
        var fallbackComponent = Name(environment, "FALLBACK_INFERENCE_COMPONENT_NAME", errors);
        var acceptAnyModel = Flag(environment, "ACCEPT_ANY_MODEL", errors);
        var logLevel = Word("AWS_LAMBDA_LOG_LEVEL", Text(environment, "AWS_LAMBDA_LOG_LEVEL"), LogLevel.Info, errors);
        var logFormat = Word("AWS_LAMBDA_LOG_FORMAT", Text(environment, "AWS_LAMBDA_LOG_FORMAT"), LogFormat.Text, errors);
        var metricsNamespace = Text(environment, "METRICS_NAMESPACE");
        if (metricsNamespace is not null && !MetricsLog.IsNamespace(metricsNamespace))
        {
            errors.Add("METRICS_NAMESPACE must be 1 to 256 letters, digits and . - _ / # : characters.");
        }

        var keys = Text(environment, "API_KEY_HASHES") is { } hashes ? ApiKeyList.Parse(hashes, models, errors) : ApiKeys.None;
        var cors = Text(environment, "ALLOWED_ORIGINS") is { } origins ? CorsPolicy.Parse(origins, errors) : null;
        var maxNewTokens = Number(environment, "MAX_NEW_TOKENS_LIMIT", otherwise: 0, min: 1, int.MaxValue, errors);
        var keepAlive = Number(environment, "KEEP_ALIVE_SECONDS", DefaultKeepAliveSeconds, min: 0, MaxSeconds, errors);
        var margin = Number(environment, "DEADLINE_MARGIN_MILLISECONDS", DefaultDeadlineMarginMilliseconds, min: 1, 60_000, errors);
        var maxRequest = Number(environment, "MAX_REQUEST_BYTES", DefaultMaxRequestBytes, min: 1, 6 * 1024 * 1024, errors);
        var maxResponse = Number(environment, "MAX_RESPONSE_BYTES", DefaultMaxResponseBytes, MinResponseBytes, int.MaxValue, errors);
        if (fallback is null && fallbackComponent is not null)
        {
            errors.Add("FALLBACK_INFERENCE_COMPONENT_NAME needs FALLBACK_ENDPOINT_NAME.");
        }

        if (sageMaker is null || errors.Count > errorsBefore)
        {
            return null;
        }

        return new Settings
        {
            Models = models,
            AcceptAnyModel = acceptAnyModel,
            TargetVariant = targetVariant,
            FallbackEndpointName = fallback,
            FallbackInferenceComponentName = fallbackComponent,
            IsSamLocal = environment("AWS_SAM_LOCAL") == "true",
            LogLevel = logLevel,
            LogFormat = logFormat,
            MetricsNamespace = metricsNamespace,
            Keys = keys,
            Cors = cors,
            MaxNewTokensLimit = maxNewTokens > 0 ? maxNewTokens : null,
            KeepAlive = TimeSpan.FromSeconds(keepAlive),
            DeadlineMargin = TimeSpan.FromMilliseconds(margin),
            MaxRequestBytes = maxRequest,
            MaxResponseBytes = maxResponse,
            SageMaker = sageMaker with
            {
                FirstTokenTimeout = firstToken ?? sageMaker.FirstTokenTimeout,
                IdleTimeout = idle ?? sageMaker.IdleTimeout,
                TotalTimeout = total,
            },
        };
    }

    private static IReadOnlyList<ServedModel> ReadModels(Func<string, string?> environment, ICollection<string> errors)
    {
        var endpointName = Name(environment, "SAGEMAKER_ENDPOINT_NAME", errors);
        var component = Name(environment, "SAGEMAKER_INFERENCE_COMPONENT_NAME", errors);
        if (Text(environment, "MODELS") is { } list)
        {
            if (endpointName is not null)
            {
                errors.Add("SAGEMAKER_ENDPOINT_NAME and MODELS exclude each other.");
            }

            return ServedModels.Parse(list, errors);
        }

        if (endpointName is null)
        {
            errors.Add("SAGEMAKER_ENDPOINT_NAME is not set.");
        }

        var id = Text(environment, "MODEL_ID");
        JumpStartModel? jumpStart = null;
        _ = id is not null && JumpStartCatalogue.TryFind(id, out jumpStart);
        return
        [
            new ServedModel
            {
                Id = id ?? endpointName ?? "",
                EndpointName = endpointName ?? "",
                InferenceComponentName = component,
                JumpStart = jumpStart,
                Dialect = Word("DIALECT", Text(environment, "DIALECT"), Dialect.Recognised, errors),
                Api = Word("ENDPOINT_API", Text(environment, "ENDPOINT_API"), ServedModels.ApiOf(jumpStart), errors),
            },
        ];
    }

    private static string? Text(Func<string, string?> environment, string variable) =>
        environment(variable) is { Length: > 0 } value ? value : null;

    private static string? Name(Func<string, string?> environment, string variable, ICollection<string> errors)
    {
        var name = Text(environment, variable);
        if (name is not null && !EndpointRequest.IsName(name, EndpointRequest.MaxNameLength))
        {
            errors.Add(
                $"{variable} must be a name of letters, digits and inner hyphens, at most {EndpointRequest.MaxNameLength}, and no ARN; "
                + $"it is '{name}'.");
        }

        return name;
    }

    /// <summary>One of an enum's names in any case; its values are few and known.</summary>
    internal static T Word<T>(string variable, string? text, T otherwise, ICollection<string> errors)
        where T : struct, Enum
    {
        if (text is null)
        {
            return otherwise;
        }

        var names = Enum.GetNames<T>();
        var index = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            return Enum.GetValues<T>()[index];
        }

        errors.Add($"{variable} must be one of {string.Join(", ", names.Select(static name => name.ToLowerInvariant()))}; it is '{text}'.");
        return otherwise;
    }

    private static bool Flag(Func<string, string?> environment, string variable, ICollection<string> errors)
    {
        var text = Text(environment, variable);
        if (text is not (null or "true" or "false"))
        {
            errors.Add($"{variable} must be true or false; it is '{text}'.");
        }

        return text == "true";
    }

    private static TimeSpan? Seconds(Func<string, string?> environment, string variable, ICollection<string> errors) =>
        Number(environment, variable, otherwise: 0, min: 1, MaxSeconds, errors) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static int Number(
        Func<string, string?> environment, string variable, int otherwise, int min, int max, ICollection<string> errors)
    {
        if (Text(environment, variable) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        errors.Add($"{variable} must be a whole number from {min} to {max}; it is '{text}'.");
        return otherwise;
    }
}
