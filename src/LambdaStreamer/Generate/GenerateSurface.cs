using System.Diagnostics.CodeAnalysis;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Generate;

/// <summary>The surface of the blog's payload: TGI's generate request, answered in the format that the caller accepts.</summary>
public sealed class GenerateSurface(Settings settings, Relay.Relay relay, RunningAnswers runningAnswers)
{
    /// <summary>What an ended wait for the endpoint leaves of the function's time: the client has to be told, too.</summary>
    private static readonly TimeSpan ReportingMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>Answers an HTTP request.</summary>
    public async ValueTask HandleAsync(HttpRequest http, Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        // :: Step 1: What was asked
        if (!TryParse(http.Body, out var request, out var problem))
        {
            await reply.RefuseAsync(problem).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            // :: Step 2: In which format
            if (!Negotiation.TryChoose(http.Header("accept"), onlyJson: request.Stream == false, out var mediaType))
            {
                var offered = request.Stream == false ? "application/json, which \"stream\": false asks for" : Negotiation.Offered;
                await reply.RefuseAsync(RelayError.BadRequest(406, $"Accept names none of {offered}.")).ConfigureAwait(false);
                return;
            }

            // :: Step 3: Relay
            using var answer = Answer.Create(mediaType, request.Details);
            // SageMaker's own headers that a caller may set. The inference component is not among them: what this function reaches is the
            // operator's choice.
            var endpointRequest = EndpointRequest(request, invocation) with
            {
                CustomAttributes = http.Header(EndpointHeaders.CustomAttributes),
                TargetVariant = http.Header(EndpointHeaders.TargetVariant) ?? settings.TargetVariant,
                SessionId = http.Header(EndpointHeaders.SessionId),
                InferenceId = http.Header(EndpointHeaders.InferenceId),
            };
            await RelayAsync(invocation, endpointRequest, answer, reply, shutdown).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Answers an event that is the request itself: streamed text with <c>"stream": true</c>, one JSON document otherwise.
    /// </summary>
    public async ValueTask HandleDirectAsync(Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        if (!TryParse(invocation.Event, out var request, out var problem))
        {
            var message = $"The event is no Function URL event and no request: {problem.Message}";
            await reply.RefuseAsync(problem with { Message = message }).ConfigureAwait(false);
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
        using var running = runningAnswers.Enter(invocation.RequestId, shutdown);
        if (await relay.RunAsync(request, answer, reply, running).ConfigureAwait(false) is { } error)
        {
            var line = $"{invocation.RequestId} {error.LambdaType} {error.Detail ?? error.Message}";
            await Console.Error.WriteLineAsync(line).ConfigureAwait(false);
        }
    }

    private bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out GenerateRequest? request, [NotNullWhen(false)] out RelayError? problem)
    {
        request = null;
        if (body.Length > settings.MaxRequestBytes)
        {
            problem = RelayError.BadRequest(413, $"The request has {body.Length} bytes; at most {settings.MaxRequestBytes} are taken.");
            return false;
        }

        problem = GenerateRequest.TryParse(body.Span, out request, out var message) ? null : RelayError.BadRequest(400, message);
        return problem is null;
    }

    private EndpointRequest EndpointRequest(GenerateRequest request, Invocation invocation) => new()
    {
        EndpointName = settings.EndpointName,
        InferenceComponentName = settings.InferenceComponentName,
        TargetVariant = settings.TargetVariant,
        Body = request.EndpointBody,
        TraceId = invocation.TraceId,
        Deadline = invocation.Deadline - ReportingMargin,
    };
}
