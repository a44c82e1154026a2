using System.Globalization;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer;

/// <summary>The function's configuration: read from the environment once, checked all at once.</summary>
public sealed record Settings
{
    private const int DefaultMaxRequestBytes = 2_000_000;

    /// <summary><c>SAGEMAKER_ENDPOINT_NAME</c>, required.</summary>
    public required string EndpointName { get; init; }

    /// <summary><c>SAGEMAKER_INFERENCE_COMPONENT_NAME</c>: required by endpoints that host inference components.</summary>
    public string? InferenceComponentName { get; init; }

    /// <summary><c>SAGEMAKER_TARGET_VARIANT</c>: one of several production variants; a request may name another.</summary>
    public string? TargetVariant { get; init; }

    /// <summary><c>MAX_REQUEST_BYTES</c>; the default is the size at which TGI itself refuses a body.</summary>
    public int MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>
    /// The AWS part: <c>AWS_REGION</c>, endpoint addresses, <c>FIRST_TOKEN_TIMEOUT_SECONDS</c>, <c>IDLE_TIMEOUT_SECONDS</c>.
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
        var maxRequestBytes = Number(environment, "MAX_REQUEST_BYTES", DefaultMaxRequestBytes, 6 * 1024 * 1024, errors);
        var firstToken = Seconds(environment, "FIRST_TOKEN_TIMEOUT_SECONDS", sageMaker?.FirstTokenTimeout, errors);
        var idle = Seconds(environment, "IDLE_TIMEOUT_SECONDS", sageMaker?.IdleTimeout, errors);
        if (endpointName is null || sageMaker is null || errors.Count > errorsBefore)
        {
            return null;
        }

        return new Settings
        {
            EndpointName = endpointName,
            InferenceComponentName = component,
            TargetVariant = targetVariant,
            MaxRequestBytes = maxRequestBytes,
            SageMaker = sageMaker with { FirstTokenTimeout = firstToken, IdleTimeout = idle },
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

    private static TimeSpan Seconds(Func<string, string?> environment, string variable, TimeSpan? otherwise, ICollection<string> errors) =>
        TimeSpan.FromSeconds(Number(environment, variable, (int)(otherwise?.TotalSeconds ?? 1), 900, errors));

    private static int Number(Func<string, string?> environment, string variable, int otherwise, int max, ICollection<string> errors)
    {
        if (Text(environment, variable) is not { } text)
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= max)
        {
            return value;
        }

        errors.Add($"{variable} must be a whole number from 1 to {max}; it is '{text}'.");
        return otherwise;
    }
}
