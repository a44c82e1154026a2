using System.Globalization;
using LambdaStreamer.Catalogue;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Tokens;

namespace LambdaStreamer;

/// <summary>The function's configuration: read from the environment once, checked all at once.</summary>
public sealed record Settings
{
    private const int DefaultMaxRequestBytes = 2_000_000;

    /// <summary>Lambda's largest streamed response; the smaller reading of "200 MB".</summary>
    private const int DefaultMaxResponseBytes = 200_000_000;

    private const int DefaultDeadlineMarginMilliseconds = 500;
    private const int DefaultKeepAliveSeconds = 15;
    private const int MaxSeconds = 900;

    /// <summary><c>SAGEMAKER_ENDPOINT_NAME</c>, required.</summary>
    public required string EndpointName { get; init; }

    /// <summary><c>SAGEMAKER_INFERENCE_COMPONENT_NAME</c>: required by endpoints that host inference components.</summary>
    public string? InferenceComponentName { get; init; }

    /// <summary><c>SAGEMAKER_TARGET_VARIANT</c>: one of several production variants; a request may name another.</summary>
    public string? TargetVariant { get; init; }

    /// <summary>
    /// <c>FALLBACK_ENDPOINT_NAME</c>: asked once when the endpoint refuses for want of capacity, before the first token.
    /// </summary>
    public string? FallbackEndpointName { get; init; }

    /// <summary><c>FALLBACK_INFERENCE_COMPONENT_NAME</c>.</summary>
    public string? FallbackInferenceComponentName { get; init; }

    /// <summary><c>MODEL_ID</c>: a JumpStart model id decides which special tokens are hidden; any other label decides nothing.</summary>
    public string? ModelId { get; init; }

    /// <summary>The models behind this function, at least one.</summary>
    public IReadOnlyList<ServedModel> Models { get; init; } = [];

    /// <summary>A request may name any model, and gets the first of <see cref="Models"/> if it names none of them.</summary>
    public bool AcceptAnyModel { get; init; }

    /// <summary><c>DIALECT</c>: reads the container's answers in this dialect only. Recognised from the answer when unset.</summary>
    public Dialect Dialect { get; init; }

    /// <summary><c>KEEP_ALIVE_SECONDS</c>: the longest silence on an event stream; zero for no keep-alives.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(DefaultKeepAliveSeconds);

    /// <summary><c>DEADLINE_MARGIN_MILLISECONDS</c>: what an ended wait leaves of the function's time, in which the client is told.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromMilliseconds(DefaultDeadlineMarginMilliseconds);

    /// <summary><c>MAX_RESPONSE_BYTES</c>; the default is Lambda's own limit.</summary>
    public int MaxResponseBytes { get; init; } = DefaultMaxResponseBytes;

    /// <summary><c>AWS_LAMBDA_LOG_LEVEL</c>, set by Lambda.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;

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
        var endpointName = Name(environment, "SAGEMAKER_ENDPOINT_NAME", errors);
        if (endpointName is null)
        {
            errors.Add("SAGEMAKER_ENDPOINT_NAME is not set.");
        }

        var component = Name(environment, "SAGEMAKER_INFERENCE_COMPONENT_NAME", errors);
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
        var dialect = Word(environment, "DIALECT", Dialect.Recognised, errors);
        var logLevel = Word(environment, "AWS_LAMBDA_LOG_LEVEL", LogLevel.Info, errors);
        var keepAlive = Number(environment, "KEEP_ALIVE_SECONDS", DefaultKeepAliveSeconds, min: 0, MaxSeconds, errors);
        var margin = Number(environment, "DEADLINE_MARGIN_MILLISECONDS", DefaultDeadlineMarginMilliseconds, min: 1, 60_000, errors);
        var maxRequest = Number(environment, "MAX_REQUEST_BYTES", DefaultMaxRequestBytes, min: 1, 6 * 1024 * 1024, errors);
        var maxResponse = Number(environment, "MAX_RESPONSE_BYTES", DefaultMaxResponseBytes, min: 1, int.MaxValue, errors);
        if (endpointName is null || sageMaker is null || errors.Count > errorsBefore)
        {
            return null;
        }

        var modelId = Text(environment, "MODEL_ID");
        var jumpStart = modelId is not null && JumpStartCatalogue.TryFind(modelId, out var found) ? found : null;
        var model = new ServedModel
        {
            Id = modelId ?? endpointName,
            EndpointName = endpointName,
            InferenceComponentName = component,
            JumpStart = jumpStart,
            Api = jumpStart is null or { SpeaksChat: true } ? EndpointApi.Both : EndpointApi.Generate,
            Dialect = dialect,
        };
        return new Settings
        {
            Models = [model],
            AcceptAnyModel = true,
            EndpointName = endpointName,
            InferenceComponentName = component,
            TargetVariant = targetVariant,
            FallbackEndpointName = fallback,
            FallbackInferenceComponentName = fallbackComponent,
            ModelId = modelId,
            Dialect = dialect,
            LogLevel = logLevel,
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
    private static T Word<T>(Func<string, string?> environment, string variable, T otherwise, ICollection<string> errors)
        where T : struct, Enum
    {
        if (Text(environment, variable) is not { } text)
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
