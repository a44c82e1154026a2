using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Access;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Text;

namespace LambdaStreamer.Generate;

/// <summary>The surface of the blog's payload: TGI's generate request, answered in the format that the caller accepts.</summary>
public sealed class GenerateSurface(Settings settings, Relay.Relay relay, RunningAnswers runningAnswers)
{
    private readonly ServedModel _model = settings.Models[0];
    private readonly ModelMarkup _markup = settings.Models[0].JumpStart?.Markup ?? ModelMarkup.None;

    /// <summary>Answers an HTTP request.</summary>
    public async ValueTask HandleAsync(
        HttpRequest http, GenerateRoute route, Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        // :: Step 1: What was asked, of a model that the key opens
        reply.Record.Model = _model;
        var key = reply.Record.Key;
        if (key?.Opens(_model) == false)
        {
            await reply.RefuseAsync(KeyGate.ModelForbidden).ConfigureAwait(false);
            return;
        }

        GenerateRequest? request = null;
        AnswerRules? rules = null;
        if (!http.TryReadBody(settings.MaxRequestBytes, out var body, out var problem)
            || !TryParse(body, TokenLimit.Of(settings, key), out request, out rules, out problem))
        {
            await reply.RefuseAsync(problem).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            // :: Step 2: In which format
            if (!TryChoose(route, http, request, out var mediaType))
            {
                var offered = request.Stream == false ? "application/json, which \"stream\": false asks for" : Negotiation.Offered;
                problem = RelayError.BadRequest(406, $"Accept names none of {offered}.");
                await reply.RefuseAsync(problem).ConfigureAwait(false);
                return;
            }

            // :: Step 3: Relay
            using var answer = CreateAnswer(mediaType, request, isArray: route == GenerateRoute.Negotiated);
            // SageMaker's own headers that a caller may set. The inference component is not among them: what this function reaches is the
            // operator's choice.
            var endpointRequest = EndpointRequest(request, invocation, reply) with
            {
                CustomAttributes = http.Header(EndpointHeaders.CustomAttributes),
                TargetVariant = http.Header(EndpointHeaders.TargetVariant) ?? settings.TargetVariant,
                SessionId = http.Header(EndpointHeaders.SessionId),
                InferenceId = http.Header(EndpointHeaders.InferenceId),
            };
            await RelayAsync(invocation, endpointRequest, rules, answer, reply, shutdown).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Answers an event that is the request itself: streamed text with <c>"stream": true</c>, one JSON document otherwise.
    /// </summary>
    public async ValueTask HandleDirectAsync(Invocation invocation, Reply reply, CancellationToken shutdown)
    {
        reply.Record.Model = _model;
        GenerateRequest? request = null;
        AnswerRules? rules = null;
        var problem = invocation.Event.Length > settings.MaxRequestBytes
            ? RelayError.TooLarge(invocation.Event.Length, settings.MaxRequestBytes)
            : null;
        if (problem is not null || !TryParse(invocation.Event, TokenLimit.Of(settings, key: null), out request, out rules, out problem))
        {
            var message = $"The event is no Function URL event and no request: {problem.Message}";
            await reply.RefuseAsync(problem with { Message = message }).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            using var answer = CreateAnswer(request.Stream == true ? MediaType.Text : MediaType.Json, request, isArray: true);
            await RelayAsync(invocation, EndpointRequest(request, invocation, reply), rules, answer, reply, shutdown).ConfigureAwait(false);
        }
    }

    /// <summary>The members of TGI's <c>/info</c> that are known here; what only the container knows is left out.</summary>
    public void WriteInfo(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("model_id"u8, _model.Id);
        json.WriteString("model_pipeline_tag"u8, "text-generation"u8);
        if (_model.JumpStart is { } known)
        {
            json.WriteNumber("max_input_tokens"u8, known.MaxInputTokens);
            json.WriteNumber("max_total_tokens"u8, known.MaxTotalTokens);
        }

        json.WriteNumber("max_stop_sequences"u8, StopSequences.MaxCount);
        json.WriteString("router"u8, "lambdastreamer"u8);
        json.WriteEndObject();
    }

    private async ValueTask RelayAsync(
        Invocation invocation, EndpointRequest request, AnswerRules rules, Answer answer, Reply reply, CancellationToken shutdown)
    {
        using var running = runningAnswers.Enter(invocation.RequestId, shutdown);
        var outcome = await relay.RunAsync(request, rules, answer, reply, running).ConfigureAwait(false);
        outcome.ThrowIfLost();
    }

    private bool TryParse(
        ReadOnlyMemory<byte> body,
        TokenLimit limit,
        [NotNullWhen(true)] out GenerateRequest? request,
        [NotNullWhen(true)] out AnswerRules? rules,
        [NotNullWhen(false)] out RelayError? problem)
    {
        request = null;
        rules = null;
        if (!GenerateRequest.TryParse(body.Span, _model.Api, out request, out var message)
            || !StopSequences.TryCreate(request.Stop, out var stops, out message))
        {
            request?.Dispose();
            problem = RelayError.BadRequest(400, message);
            return false;
        }

        if (!limit.Allows(request.MaxNewTokens, out problem))
        {
            request.Dispose();
            request = null;
            return false;
        }

        rules = new AnswerRules { Dialect = _model.Dialect, Markup = _markup, Stops = stops, MaxNewTokens = limit.Apply(request.MaxNewTokens) };
        return true;
    }

    private static bool TryChoose(GenerateRoute route, HttpRequest http, GenerateRequest request, out MediaType mediaType)
    {
        // TGI's own two routes decide by themselves and look at neither header nor "stream".
        mediaType = route == GenerateRoute.Streamed ? MediaType.EventStream : MediaType.Json;
        return route != GenerateRoute.Negotiated
            || Negotiation.TryChoose(http.Header("accept"), onlyJson: request.Stream == false, out mediaType);
    }

    private static Answer CreateAnswer(MediaType mediaType, GenerateRequest request, bool isArray) =>
        Answer.Create(mediaType, request.Details, Encoding.UTF8.GetBytes(request.TextBefore), isArray);

    private EndpointRequest EndpointRequest(GenerateRequest request, Invocation invocation, Reply reply) => new()
    {
        EndpointName = _model.EndpointName,
        InferenceComponentName = _model.InferenceComponentName,
        FallbackEndpointName = settings.FallbackEndpointName,
        FallbackInferenceComponentName = settings.FallbackInferenceComponentName,
        TargetVariant = settings.TargetVariant,
        Body = request.EndpointBody,
        TraceId = reply.Record.TraceId,
        Deadline = invocation.Deadline - settings.DeadlineMargin,
    };
}
