using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Access;
using LambdaStreamer.Cancel;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Generate;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer;

/// <summary>Finds out what an event is and hands it to the surface that answers it.</summary>
/// <param name="client">What gave the invocations and takes their answers.</param>
/// <param name="recorder">Told of every request.</param>
/// <param name="gate">Who may call.</param>
/// <param name="cors">Null leaves CORS to the Function URL.</param>
/// <param name="generate">The surface of <c>/</c>, of TGI's routes and of direct invocations.</param>
/// <param name="openAI">The surface below <c>/v1</c>.</param>
/// <param name="cancel">The surface below <c>/cancel</c>.</param>
/// <param name="isSamLocal">HTTP answers are what <c>sam local</c> can show, see <see cref="ProxyReply"/>.</param>
public sealed class InvocationHandler(
    RuntimeApiClient client,
    RequestRecorder recorder,
    KeyGate gate,
    CorsPolicy? cors,
    GenerateSurface generate,
    OpenAISurface openAI,
    CancelSurface cancel,
    bool isSamLocal)
{
    private const string HealthPath = "/health";
    private const string EventInvalid = "The event claims to be an HTTP request and is broken.";

    public async ValueTask HandleAsync(Invocation invocation, CancellationToken shutdown)
    {
        var record = recorder.Begin(invocation);
        using var response = client.OpenResponse(invocation);
        try
        {
            await AnswerAsync(invocation, record, response, shutdown).ConfigureAwait(false);
        }
        catch (RuntimeApiException)
        {
            record.Refused(StreamErrors.ReplyLost);
            throw;
        }
        catch
        {
            // The loop, which reports it, knows what it is.
            record.Broke();
            throw;
        }
        finally
        {
            record.BytesOut = response.SentLength;
            recorder.End(record);
        }
    }

    private async ValueTask AnswerAsync(
        Invocation invocation, RequestRecord record, StreamedResponse response, CancellationToken shutdown)
    {
        HttpRequest? request;
        try
        {
            request = EventReader.TryRead(invocation.Event, out var http) ? http : null;
        }
        catch (JsonException e)
        {
            record.Refused(new RelayError(Ending.EventInvalid, EventInvalid));
            var error = new FunctionError(Endings.Of(Ending.EventInvalid).LambdaType!, e.Message);
            await client.ReportErrorAsync(invocation, error, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        if (request is null)
        {
            record.Surface = Surface.Direct;
            await generate.HandleDirectAsync(invocation, new DirectReply(client, invocation, response, record), shutdown)
                .ConfigureAwait(false);
            return;
        }

        using (request)
        {
            var reply = isSamLocal ? new ProxyReply(client, invocation, response, record) : new HttpReply(response, record);
            if (!await TryEndAtGateAsync(request, reply).ConfigureAwait(false))
            {
                await RouteAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What is decided by the headers alone: a browser's preflight, and who may call.</summary>
    private async ValueTask<bool> TryEndAtGateAsync(HttpRequest request, HttpReply reply)
    {
        reply.Record.Surface = SurfaceOf(request.Path);
        if (OpenAISurface.Serves(request.Path))
        {
            OpenAISurface.ShapeErrors(reply);
        }

        if (request.Problem is { } problem)
        {
            await reply.RefuseAsync(problem).ConfigureAwait(false);
            return true;
        }

        if (cors is not null)
        {
            var headers = new List<(string, string)>();
            cors.AddHeaders(request, headers);
            reply.CorsHeaders = headers;
            if (CorsPolicy.IsPreflight(request))
            {
                reply.Record.Surface = Surface.Preflight;
                await reply.CompleteAsync("text/plain").ConfigureAwait(false);
                return true;
            }
        }

        // Liveness is no secret, and a load balancer has no key.
        if (request.Path == HealthPath)
        {
            return false;
        }

        var refusal = gate.Check(request, out var key);
        reply.Record.Key = key;
        if (refusal is null)
        {
            return false;
        }

        await reply.RefuseAsync(refusal).ConfigureAwait(false);
        return true;
    }

    private static Surface SurfaceOf(string path) => path switch
    {
        "/" or "/invocations" or "/generate" or "/generate_stream" => Surface.Generate,
        "/info" => Surface.Info,
        HealthPath => Surface.Health,
        _ when OpenAISurface.Serves(path) => OpenAISurface.SurfaceOf(path),
        _ when CancelSurface.Serves(path) => Surface.Cancel,
        _ => Surface.None,
    };

    private async ValueTask RouteAsync(HttpRequest request, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        switch (request.Path, request.Method)
        {
            case ("/" or "/invocations", "POST"):
                await generate.HandleAsync(request, GenerateRoute.Negotiated, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case ("/generate", "POST"):
                await generate.HandleAsync(request, GenerateRoute.Buffered, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case ("/generate_stream", "POST"):
                await generate.HandleAsync(request, GenerateRoute.Streamed, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case ("/info", "GET" or "HEAD"):
                generate.WriteInfo(reply.Output);
                await reply.CompleteAsync("application/json").ConfigureAwait(false);
                break;

            case (HealthPath, "GET" or "HEAD"):
                reply.Output.Write("""{"status":"ok"}"""u8);
                await reply.CompleteAsync("application/json").ConfigureAwait(false);
                break;

            case var (path, _) when OpenAISurface.Serves(path):
                await openAI.HandleAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case var (path, _) when CancelSurface.Serves(path):
                await cancel.HandleAsync(request, reply).ConfigureAwait(false);
                break;

            case ("/" or "/invocations" or "/generate" or "/generate_stream", _):
                await RefuseMethodAsync(request, reply, "POST").ConfigureAwait(false);
                break;

            case (HealthPath or "/info", _):
                await RefuseMethodAsync(request, reply, "GET, HEAD").ConfigureAwait(false);
                break;

            default:
                var notFound = RelayError.BadRequest(404, $"There is nothing at {request.Path}.");
                await reply.RefuseAsync(notFound).ConfigureAwait(false);
                break;
        }
    }

    private static ValueTask RefuseMethodAsync(HttpRequest request, HttpReply reply, string allowed)
    {
        reply.AllowedMethods = allowed;
        return reply.RefuseAsync(RelayError.BadRequest(405, $"{request.Path} takes {allowed}."));
    }
}
