using System.Text.Json.Nodes;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// SageMaker's errors before a stream, in its wire form: a status, the error's name in <c>x-amzn-errortype</c>, a JSON body. Names and
/// statuses are those of the service model; ThrottlingException and the signature errors belong to AWS as a whole.
/// </summary>
internal sealed record ServiceError(int Status, string? Type, JsonObject Body)
{
    public const string AccountId = "123456789012";

    public static ServiceError Validation(string message) => Modelled(400, "ValidationError", message);

    public static ServiceError UnknownEndpoint(string name) => Validation($"Endpoint {name} of account {AccountId} not found.");

    public static ServiceError BadSignature(SignatureVerdict verdict) =>
        new(403, verdict.ErrorType, new() { ["message"] = verdict.Message });

    public static ServiceError TooLarge(int limit) =>
        Modelled(413, "RequestEntityTooLargeException", $"HTTP content length exceeded {limit} bytes.");

    /// <summary>The container's answer was not a success. A status of 0 says that there was no answer.</summary>
    public static ServiceError Model(int containerStatus, string containerMessage, string endpoint, string region)
    {
        var group = $"/aws/sagemaker/Endpoints/{endpoint}";
        var side = containerStatus is >= 400 and < 500 ? "client" : "server";
        return new ServiceError(424, "ModelError", new()
        {
            ["ErrorCode"] = side == "client" ? "CLIENT_ERROR_FROM_MODEL" : "INTERNAL_FAILURE_FROM_MODEL",
            ["LogStreamArn"] = $"arn:aws:logs:{region}:{AccountId}:log-group:{group}",
            ["Message"] = $"Received {side} error ({containerStatus}) from primary with message \"{containerMessage}\". "
                + $"See https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group} "
                + $"in account {AccountId} for more information.",
            ["OriginalMessage"] = containerMessage,
            ["OriginalStatusCode"] = containerStatus,
        });
    }

    /// <summary>
    /// The error a fault stands for; null when the fault does not strike before the stream, or when the container has to word it.
    /// </summary>
    public static ServiceError? Of(Fault fault, string endpoint, string region) => fault.Kind switch
    {
        FaultKind.Throttle => new(400, null, new() { ["message"] = null }),
        FaultKind.ThrottleNamed => new(400, "ThrottlingException", new() { ["message"] = "Rate exceeded" }),
        FaultKind.AccessDenied => new(403, "AccessDeniedException", new()
        {
            ["Message"] = $"User: arn:aws:sts::{AccountId}:assumed-role/function/function is not authorized to perform: "
                + $"sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:{region}:{AccountId}:endpoint/{endpoint} because no "
                + "identity-based policy allows the sagemaker:InvokeEndpoint action",
        }),
        FaultKind.ModelError when fault.ContainerStatus == 0 =>
            Model(0, "Your invocation timed out while waiting for a response from container primary.", endpoint, region),
        FaultKind.NotReady => Modelled(429, "ModelNotReadyException", "The model is not ready yet. Try again later."),
        FaultKind.InternalFailure => Modelled(500, "InternalFailure", "An internal failure occurred."),
        FaultKind.Unavailable => Modelled(503, "ServiceUnavailable", "The service is currently unavailable."),
        FaultKind.DependencyFailure => Modelled(530, "InternalDependencyException", "A dependency of the service failed."),
        FaultKind.NoCapacity => Validation(
            "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress (if configured) or "
            + "try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."),
        _ => null,
    };

    public async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        if (Type is not null)
        {
            response.Headers["x-amzn-errortype"] = Type;
        }

        await response.WriteAsync(Body.ToJsonString(), cancellationToken);
    }

    private static ServiceError Modelled(int status, string type, string message) => new(status, type, new() { ["Message"] = message });
}
