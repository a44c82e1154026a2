using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.FunctionUrl;

/// <summary>The answer to an HTTP request through a Function URL: a prelude with status and headers, then the body.</summary>
public sealed class HttpReply(StreamedResponse response, string requestId) : Reply(response)
{
    /// <summary>Sent with 405.</summary>
    public string? AllowedMethods { get; set; }

    public override async ValueTask StartAsync(int status, string contentType)
    {
        using var prelude = new ByteBuffer();
        (string, string)[] headers = [("content-type", contentType), ("cache-control", "no-cache"), ("x-request-id", requestId)];
        Prelude.Write(prelude, status, AllowedMethods is null ? headers : [.. headers, ("allow", AllowedMethods)]);

        // No status used here forbids a body.
        await Response.StartAsync(Prelude.ContentType, prelude.UnreadMemory, needsBody: true, CancellationToken.None).ConfigureAwait(false);
    }

    public override async ValueTask CompleteAsync(string contentType)
    {
        if (!IsStarted)
        {
            await StartAsync(200, contentType).ConfigureAwait(false);
        }

        await Response.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public override async ValueTask RefuseAsync(RelayError error)
    {
        Response.DiscardOutput();
        await StartAsync(error.Status, "application/json").ConfigureAwait(false);
        using var json = new TokenJson();
        json.WriteError(error, Output);
        await Response.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
