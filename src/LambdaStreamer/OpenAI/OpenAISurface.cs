using LambdaStreamer.Access;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;
using LambdaStreamer.Text;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// The surface that OpenAI's clients speak: chat completions, completions and models below <c>/v1</c> (OpenAI API reference), whatever
/// form the model's container takes its requests in.
/// </summary>
public sealed class OpenAISurface
{
    private const string ChatPath = "/v1/chat/completions";
    private const string CompletionsPath = "/v1/completions";
    private const string ModelsPath = "/v1/models";

    private readonly Settings _settings;
    private readonly Relay.Relay _relay;
    private readonly RunningAnswers _runningAnswers;
    private readonly TimeProvider _timeProvider;
    private readonly ModelList _models;

    public OpenAISurface(Settings settings, Relay.Relay relay, RunningAnswers runningAnswers, TimeProvider timeProvider)
    {
        _settings = settings;
        _relay = relay;
        _runningAnswers = runningAnswers;
        _timeProvider = timeProvider;
        _models = new ModelList(settings.Models, settings.AcceptAnyModel, timeProvider.GetUtcNow().ToUnixTimeSeconds());
    }

    public static bool Serves(string path) => path == "/v1" || path.StartsWith("/v1/", StringComparison.Ordinal);

    /// <summary>Lets <paramref name="reply"/> tell of failures as OpenAI's API does.</summary>
    public static void ShapeErrors(HttpReply reply)
    {
        reply.ErrorTerms = OpenAIError.InTerms;
        reply.ErrorShape = OpenAIError.Write;
    }

    public static Surface SurfaceOf(string path) => path switch
    {
        ChatPath => Surface.Chat,
        CompletionsPath => Surface.Completions,
        _ when path.StartsWith(ModelsPath, StringComparison.Ordinal) => Surface.Models,
        _ => Surface.None,
    };

    public ValueTask HandleAsync(HttpRequest http, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        switch (http.Path, http.Method)
        {
            case (ChatPath, "POST"):
                return ChatAsync(http, invocation, reply, shutdown);
            case (CompletionsPath, "POST"):
                return CompletionAsync(http, invocation, reply, shutdown);
            case (ChatPath or CompletionsPath, _):
                return RefuseMethodAsync(http, reply, "POST");
            case (ModelsPath, "GET"):
                _models.WriteAll(reply.Record.Key, reply.Output);
                return reply.CompleteAsync("application/json");
            case (var path, "GET") when path.StartsWith($"{ModelsPath}/", StringComparison.Ordinal):
                return ModelAsync(path, reply);
            case var (path, _) when path == ModelsPath || path.StartsWith($"{ModelsPath}/", StringComparison.Ordinal):
                return RefuseMethodAsync(http, reply, "GET");
            default:
                var error = RelayError.BadRequest(404, $"There is nothing at {http.Path}.");
                return reply.RefuseAsync(error with { Code = "unknown_url" });
        }
    }

    private ValueTask ChatAsync(HttpRequest http, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        return AnswerAsync(Ask, http, invocation, reply, shutdown);

        Asked Ask(ReadOnlyMemory<byte> json, ByteBuffer body)
        {
            var request = ChatRequest.Parse(json);
            var model = _models.Choose(request.Head.Model);
            var stop = request.Sampling.Stop;
            if (SpeaksOpenAI(model))
            {
                MessagesBody.Write(request, body);
            }
            else
            {
                var template = model.JumpStart?.Template;
                GenerateBody.Write(request, template, body);
                stop = [.. stop, .. template.Stop];
            }

            var head = Head(request.Head, model, invocation, request.Logprobs ? request.TopLogprobs : null);
            return new(
                model, Rules(model, request.Sampling, stop, reply), request.Head.IsStreamed ? new ChatChunkAnswer(head) : new ChatAnswer(head));
        }
    }

    private ValueTask CompletionAsync(HttpRequest http, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        return AnswerAsync(Ask, http, invocation, reply, shutdown);

        Asked Ask(ReadOnlyMemory<byte> json, ByteBuffer body)
        {
            var request = CompletionRequest.Parse(json);
            var model = _models.Choose(request.Head.Model);
            if (model.Api == EndpointApi.OpenAI)
            {
                MessagesBody.Write(request, body);
            }
            else
            {
                // Every container but vLLM takes this form; DJL LMI's rolling batch knows no "prompt".
                GenerateBody.Write(request, body);
            }

            var head = Head(request.Head, model, invocation, request.Logprobs);
            return new(
                model,
                Rules(model, request.Sampling, request.Sampling.Stop, reply),
                request.Head.IsStreamed ? new CompletionChunkAnswer(head) : new CompletionAnswer(head));
        }
    }

    /// <param name="ask">Reads the request and writes the body for the endpoint; throws <see cref="RequestProblemException"/>.</param>
    private async ValueTask AnswerAsync(
        Func<ReadOnlyMemory<byte>, ByteBuffer, Asked> ask, HttpRequest http, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        // :: Step 1: What was asked, of which model, and as its container takes it
        using var body = new ByteBuffer();
        Asked asked;
        try
        {
            if (!http.TryReadBody(_settings.MaxRequestBytes, out var json, out var problem))
            {
                throw new RequestProblemException(problem);
            }

            RefuseModel(json, reply);
            asked = ask(json, body);
        }
        catch (RequestProblemException e)
        {
            await reply.RefuseAsync(e.Error).ConfigureAwait(false);
            return;
        }

        // :: Step 2: Relay
        reply.Record.Model = asked.Model;
        using var answer = asked.Answer;
        using var running = _runningAnswers.Enter(invocation.RequestId, shutdown);
        var request = EndpointRequest(http, asked.Model, invocation, reply) with { Body = body.UnreadMemory };
        var outcome = await _relay.RunAsync(request, asked.Rules, answer, reply, running).ConfigureAwait(false);
        outcome.ThrowIfLost();
    }

    private ValueTask ModelAsync(string path, HttpReply reply)
    {
        if (_models.Find(path[(ModelsPath.Length + 1)..]) is not { } model)
        {
            return reply.RefuseAsync(ModelList.NotFound);
        }

        if (reply.Record.Key?.Opens(model) == false)
        {
            return reply.RefuseAsync(KeyGate.ModelForbidden);
        }

        _models.Write(model, reply.Output);
        return reply.CompleteAsync("application/json");
    }

    /// <summary>A key that opens some models only is held to them before the rest of the request is looked at.</summary>
    private void RefuseModel(ReadOnlyMemory<byte> json, HttpReply reply)
    {
        if (reply.Record.Key is not { Models.Count: > 0 } key)
        {
            return;
        }

        var model = _models.Choose(new RequestHead(RequestObject.Parse(json, RequestHead.Names)).Model);
        if (!key.Opens(model))
        {
            reply.Record.Model = model;
            throw new RequestProblemException(KeyGate.ModelForbidden);
        }
    }

    /// <summary>Whether the container takes OpenAI's own forms, and for this model.</summary>
    private static bool SpeaksOpenAI(ServedModel model) => model.Api switch
    {
        EndpointApi.OpenAI => true,
        EndpointApi.Both => model.JumpStart is null or { SpeaksChat: true },
        _ => false,
    };

    private AnswerRules Rules(ServedModel model, SamplingParameters sampling, IReadOnlyList<string> stop, HttpReply reply)
    {
        if (!StopSequences.TryCreate(stop, out var stops, out var problem))
        {
            throw new RequestProblemException("stop", problem);
        }

        var limit = TokenLimit.Of(_settings, reply.Record.Key);
        if (!limit.Allows(sampling.MaxTokens, out var tooMany))
        {
            throw new RequestProblemException(tooMany);
        }

        return new()
        {
            Dialect = model.Dialect,
            Markup = model.JumpStart?.Markup ?? ModelMarkup.None,
            Stops = stops,
            MaxNewTokens = limit.Apply(sampling.MaxTokens),
        };
    }

    private AnswerHead Head(RequestHead request, ServedModel model, Invocation invocation, int? topLogprobs) => new()
    {
        RequestId = invocation.RequestId,
        Created = _timeProvider.GetUtcNow().ToUnixTimeSeconds(),
        Model = request.Model ?? model.Id,
        IncludesUsage = request.IncludesUsage,
        TopLogprobs = topLogprobs,
        Newline = (model.JumpStart?.Markup ?? ModelMarkup.None).Newline.ToArray(),
    };

    /// <summary>
    /// SageMaker's own headers that a caller may set go with it. Fallback and variant are those of the endpoint that the settings name
    /// first.
    /// </summary>
    private EndpointRequest EndpointRequest(HttpRequest http, ServedModel model, Invocation invocation, HttpReply reply)
    {
        var isFirst = model == _settings.Models[0];
        return new()
        {
            EndpointName = model.EndpointName,
            InferenceComponentName = model.InferenceComponentName,
            FallbackEndpointName = isFirst ? _settings.FallbackEndpointName : null,
            FallbackInferenceComponentName = isFirst ? _settings.FallbackInferenceComponentName : null,
            CustomAttributes = http.Header(EndpointHeaders.CustomAttributes),
            TargetVariant = http.Header(EndpointHeaders.TargetVariant) ?? (isFirst ? _settings.TargetVariant : null),
            SessionId = http.Header(EndpointHeaders.SessionId),
            InferenceId = http.Header(EndpointHeaders.InferenceId),
            TraceId = reply.Record.TraceId,
            Deadline = invocation.Deadline - _settings.DeadlineMargin,
        };
    }

    private static ValueTask RefuseMethodAsync(HttpRequest http, HttpReply reply, string allowed)
    {
        reply.AllowedMethods = allowed;
        return reply.RefuseAsync(RelayError.BadRequest(405, $"{http.Path} takes {allowed}."));
    }

    /// <summary>A request that can be served.</summary>
    private sealed record Asked(ServedModel Model, AnswerRules Rules, Answer Answer);
}
