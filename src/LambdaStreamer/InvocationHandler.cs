using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Cancel;
using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Generate;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer;

/// <summary>Finds out what an event is and hands it to the surface that answers it.</summary>
/// <param name="client">What gave the invocations and takes their answers.</param>
/// <param name="generate">The surface of <c>/</c>, of TGI's routes and of direct invocations.</param>
/// <param name="openAI">The surface below <c>/v1</c>.</param>
/// <param name="cancel">The surface below <c>/cancel</c>.</param>
/// <param name="log">Told of refusals.</param>
/// <param name="isSamLocal">HTTP answers are what <c>sam local</c> can show, see <see cref="ProxyReply"/>.</param>
public sealed class InvocationHandler(
    RuntimeApiClient client, GenerateSurface generate, OpenAISurface openAI, CancelSurface cancel, FunctionLog log, bool isSamLocal)
{
    public async ValueTask HandleAsync(Invocation invocation, CancellationToken shutdown)
    {
        using var response = client.OpenResponse(invocation);
        HttpRequest? request;
        try
        {
            request = EventReader.TryRead(invocation.Event, out var http) ? http : null;
        }
        catch (JsonException e)
        {
            var error = new FunctionError("Function.EventInvalid", e.Message);
            await client.ReportErrorAsync(invocation, error, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        if (request is null)
        {
            await generate.HandleDirectAsync(invocation, new DirectReply(client, invocation, response), shutdown).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            var reply = isSamLocal
                ? new ProxyReply(client, invocation, response)
                : new HttpReply(response, invocation.RequestId);
            await RouteAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
        }
    }

    private async ValueTask RouteAsync(HttpRequest request, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        if (OpenAISurface.Serves(request.Path))
        {
            OpenAISurface.ShapeErrors(reply);
        }

        if (request.Problem is { } problem)
        {
            await RefuseAsync(invocation, reply, problem).ConfigureAwait(false);
            return;
        }

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

            case ("/health", "GET" or "HEAD"):
                reply.Output.Write("""{"status":"ok"}"""u8);
                await reply.CompleteAsync("application/json").ConfigureAwait(false);
                break;

            case var (path, _) when OpenAISurface.Serves(path):
                await openAI.HandleAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case var (path, _) when CancelSurface.Serves(path):
                await cancel.HandleAsync(request, invocation, reply).ConfigureAwait(false);
                break;

            case ("/" or "/invocations" or "/generate" or "/generate_stream", _):
                await RefuseMethodAsync(request, invocation, reply, "POST").ConfigureAwait(false);
                break;

            case ("/health" or "/info", _):
                await RefuseMethodAsync(request, invocation, reply, "GET, HEAD").ConfigureAwait(false);
                break;

            default:
                var notFound = RelayError.BadRequest(404, $"There is nothing at {request.Path}.");
                await RefuseAsync(invocation, reply, notFound).ConfigureAwait(false);
                break;
        }
    }

    private ValueTask RefuseAsync(Invocation invocation, HttpReply reply, RelayError error)
    {
        log.WriteRefusal(invocation.RequestId, error);
        return reply.RefuseAsync(error);
    }

    private ValueTask RefuseMethodAsync(HttpRequest request, Invocation invocation, HttpReply reply, string allowed)
    {
        reply.AllowedMethods = allowed;
        return RefuseAsync(invocation, reply, RelayError.BadRequest(405, $"{request.Path} takes {allowed}."));
    }
}
