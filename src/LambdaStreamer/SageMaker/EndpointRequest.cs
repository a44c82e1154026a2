namespace LambdaStreamer.SageMaker;

/// <summary>
/// What is asked of an endpoint, once. A value that SageMaker's model doesn't allow is refused before anything is sent, so none can
/// smuggle a header in. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html
/// </summary>
public sealed record EndpointRequest
{
    internal const int MaxNameLength = 63;

    private const int MaxTextLength = 1024;
    private const int MaxSessionIdLength = 256;
    private const int MaxInferenceIdLength = 64;
    private const int MaxTraceIdLength = 1024;

    // The API model says 6 MB and the developer guide 25 MB; the larger is refused here, the rest is SageMaker's to judge.
    private const int MaxBodyBytes = 25 * 1024 * 1024;

    /// <summary>Letters, digits and inner hyphens, at most 63.</summary>
    public required string EndpointName { get; init; }

    /// <summary>Sent as it is. Must stay unchanged until the call has returned: another attempt sends it again.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body's media type; TGI answers 415 to anything but JSON.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Required by endpoints that host inference components.</summary>
    public string? InferenceComponentName { get; init; }

    /// <summary>Asked once when the first endpoint refuses what another may serve, see <see cref="RetryPolicy.MayFallBack"/>.</summary>
    public string? FallbackEndpointName { get; init; }

    /// <summary>The fallback endpoint's inference component.</summary>
    public string? FallbackInferenceComponentName { get; init; }

    /// <summary>One production variant of several.</summary>
    public string? TargetVariant { get; init; }

    /// <summary>Opaque to SageMaker, handed to the container.</summary>
    public string? CustomAttributes { get; init; }

    /// <summary>An existing stateful session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Names this inference in captured data.</summary>
    public string? InferenceId { get; init; }

    /// <summary>Passed on as <c>X-Amzn-Trace-Id</c>; left out where it can't be, as no answer depends on it.</summary>
    public string? TraceId { get; init; }

    /// <summary>After this moment nothing is awaited any more; the caller takes off what it needs to report that.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The same for the fallback endpoint, if there is one. Variants and sessions are the first endpoint's own.</summary>
    internal EndpointRequest? ToFallback() => FallbackEndpointName is not { } name ? null : this with
    {
        EndpointName = name,
        InferenceComponentName = FallbackInferenceComponentName,
        FallbackEndpointName = null,
        FallbackInferenceComponentName = null,
        TargetVariant = null,
        SessionId = null,
    };

    /// <summary><see cref="TraceId"/>, if it fits into a header.</summary>
    internal string? SendableTraceId => TraceId is { } id && IsText(id, MaxTraceIdLength) ? id : null;

    /// <summary>What is wrong with this request, or null; a value is named by the header it comes and goes in.</summary>
    internal SageMakerFailure? Check()
    {
        if (Body.Length > MaxBodyBytes)
        {
            return SageMakerFailure.Refused(
                SageMakerFailureKind.TooLarge, $"The body has {Body.Length} bytes; SageMaker takes {MaxBodyBytes}.");
        }

        var wrong = IsName(EndpointName, MaxNameLength) ? null : "The endpoint's name";
        wrong ??= FallbackEndpointName is null || IsName(FallbackEndpointName, MaxNameLength) ? null : "The fallback endpoint's name";
        wrong ??= FallbackInferenceComponentName is null || IsName(FallbackInferenceComponentName, MaxNameLength)
            ? null : "The fallback's inference component";
        wrong ??= IsText(ContentType, MaxTextLength) ? null : EndpointHeaders.ContentType;
        wrong ??= InferenceComponentName is null || IsName(InferenceComponentName, MaxNameLength)
            ? null : EndpointHeaders.InferenceComponent;
        wrong ??= TargetVariant is null || IsName(TargetVariant, MaxNameLength) ? null : EndpointHeaders.TargetVariant;
        wrong ??= CustomAttributes is null || IsText(CustomAttributes, MaxTextLength) ? null : EndpointHeaders.CustomAttributes;
        wrong ??= SessionId is null || IsText(SessionId, MaxSessionIdLength) ? null : EndpointHeaders.SessionId;
        wrong ??= InferenceId is null || IsText(InferenceId, MaxInferenceIdLength) ? null : EndpointHeaders.InferenceId;
        return wrong is null
            ? null
            : SageMakerFailure.Refused(
                SageMakerFailureKind.Validation, $"{wrong} is empty, too long, or holds characters that SageMaker refuses.");
    }

    // [a-zA-Z0-9](-*[a-zA-Z0-9])*
    internal static bool IsName(string text, int maxLength) =>
        text.Length > 0
        && text.Length <= maxLength
        && text.All(static character => char.IsAsciiLetterOrDigit(character) || character == '-')
        && text[0] != '-'
        && text[^1] != '-';

    // The model says ASCII; control characters can't stand in a header, and blanks at an end would not arrive.
    private static bool IsText(string text, int maxLength) =>
        text.Length > 0
        && text.Length <= maxLength
        && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && text[0] != ' '
        && text[^1] != ' ';
}
