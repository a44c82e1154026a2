using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Generate;

/// <summary>The surface of the blog's payload: TGI's generate request, answered in the format that the caller accepts.</summary>
public sealed class GenerateSurface(Settings settings, Relay.Relay relay)
{
    // SageMaker's own request headers (InvokeEndpointWithResponseStream) that a caller may set for its request. The inference component is not among
    // them: it is the operator's choice what this function reaches.
    private const string CustomAttributesHeader = "x-amzn-sagemaker-custom-attributes";
    private const string TargetVariantHeader = "x-amzn-sagemaker-target-variant";
    private const string SessionIdHeader = "x-amzn-sagemaker-session-id";
    private const string InferenceIdHeader = "x-amzn-sagemaker-inference-id";

    /// <summary>Answers an HTTP request.</summary>
    public async ValueTask HandleAsync(HttpRequest http, Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        // :: Step 1: What was asked
        if (http.Body.Length > settings.MaxRequestBytes)
        {
            await RefuseAsync(reply, 413, $"The request has {http.Body.Length} bytes; at most {settings.MaxRequestBytes} are taken.", shutdown).ConfigureAwait(false);
            return;
        }

        if (!GenerateRequest.TryParse(http.Body.Span, out var request, out var problem))
        {
            await RefuseAsync(reply, 400, problem, shutdown).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            // :: Step 2: In which format
            if (!Negotiation.TryChoose(http.Header("accept"), onlyJson: request.Stream == false, out var mediaType))
            {
                var offered = request.Stream == false ? "application/json, which \"stream\": false asks for" : Negotiation.Offered;
                await RefuseAsync(reply, 406, $"Accept names none of {offered}.", shutdown).ConfigureAwait(false);
                return;
            }

            // :: Step 3: Relay
            using var answer = Answer.Create(mediaType, request.Details);
            var endpointRequest = EndpointRequest(request, invocation) with
            {
                CustomAttributes = http.Header(CustomAttributesHeader),
                TargetVariant = http.Header(TargetVariantHeader) ?? settings.TargetVariant,
                SessionId = http.Header(SessionIdHeader),
                InferenceId = http.Header(InferenceIdHeader),
            };
            await RelayAsync(invocation, endpointRequest, answer, reply, shutdown).ConfigureAwait(false);
        }
    }

    /// <summary>Answers an event that is the request itself: streamed text with <c>"stream": true</c>, one JSON document otherwise.</summary>
    public async ValueTask HandleDirectAsync(Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        if (!GenerateRequest.TryParse(invocation.Event.Span, out var request, out var problem))
        {
            await RefuseAsync(reply, 400, $"The event is no Function URL event and no request: {problem}", shutdown).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            using var answer = Answer.Create(request.Stream == true ? MediaType.Text : MediaType.Json, request.Details);
            await RelayAsync(invocation, EndpointRequest(request, invocation), answer, reply, shutdown).ConfigureAwait(false);
        }
    }

    private async ValueTask RelayAsync(
        Invocation invocation, EndpointRequest request, Answer answer, Reply reply, CancellationToken shutdown)
    {
        if (await relay.RunAsync(request, answer, reply, shutdown).ConfigureAwait(false) is { } error)
        {
            await Console.Error.WriteLineAsync($"{invocation.RequestId} {error.LambdaType} {error.Detail ?? error.Message}").ConfigureAwait(false);
        }
    }

    private static ValueTask RefuseAsync(Reply reply, int status, string problem, CancellationToken shutdown) =>
        reply.RefuseAsync(new RelayError(RelayErrorKind.BadRequest, status, "validation", problem), shutdown);

    private EndpointRequest EndpointRequest(GenerateRequest request, Invocation invocation) => new()
    {
        EndpointName = settings.EndpointName,
        InferenceComponentName = settings.InferenceComponentName,
        TargetVariant = settings.TargetVariant,
        Body = request.EndpointBody,
        TraceId = invocation.TraceId,
        Deadline = invocation.Deadline,
    };
}
