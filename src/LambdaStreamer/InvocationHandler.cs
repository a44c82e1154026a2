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
public sealed class InvocationHandler(RuntimeApiClient client, GenerateSurface generate, OpenAISurface openAI, CancelSurface cancel)
{
    public async ValueTask HandleAsync(Invocation invocation, CancellationToken shutdown)
    {
        using var response = client.OpenResponse(invocation);
        HttpRequest? request;
        try
        {
            request = EventReader.TryRead(invocation.Event.Span, out var http) ? http : null;
        }
        catch (JsonException e)
        {
            var error = new FunctionError("Function.EventInvalid", e.Message);
            await client.ReportErrorAsync(invocation, error, shutdown).ConfigureAwait(false);
            return;
        }

        if (request is null)
        {
            await generate.HandleDirectAsync(invocation, new DirectReply(client, invocation, response), shutdown).ConfigureAwait(false);
            return;
        }

        using (request)
        {
            await RouteAsync(request, invocation, new HttpReply(response, invocation.RequestId), shutdown).ConfigureAwait(false);
        }
    }

    private async ValueTask RouteAsync(HttpRequest request, Invocation invocation, HttpReply reply, CancellationToken shutdown)
    {
        switch (request.Path, request.Method)
        {
            case ("/" or "/invocations", "POST"):
                await generate.HandleAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case ("/health", "GET" or "HEAD"):
                reply.Output.Write("""{"status":"ok"}"""u8);
                await reply.CompleteAsync("application/json").ConfigureAwait(false);
                break;

            case var (path, _) when OpenAISurface.Serves(path):
                await openAI.HandleAsync(request, invocation, reply, shutdown).ConfigureAwait(false);
                break;

            case var (path, _) when CancelSurface.Serves(path):
                await cancel.HandleAsync(request, reply).ConfigureAwait(false);
                break;

            case ("/" or "/invocations", _):
                await RefuseMethodAsync(request, reply, "POST").ConfigureAwait(false);
                break;

            case ("/health", _):
                await RefuseMethodAsync(request, reply, "GET, HEAD").ConfigureAwait(false);
                break;

            default:
                await reply.RefuseAsync(RelayError.BadRequest(404, $"There is nothing at {request.Path}.")).ConfigureAwait(false);
                break;
        }
    }

    private static ValueTask RefuseMethodAsync(HttpRequest request, HttpReply reply, string allowed)
    {
        reply.AllowedMethods = allowed;
        return reply.RefuseAsync(RelayError.BadRequest(405, $"{request.Path} takes {allowed}."));
    }
}
