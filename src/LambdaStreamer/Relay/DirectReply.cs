using LambdaStreamer.RuntimeApi;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Relay;

/// <summary>
/// The answer to an invocation whose event is the request itself (AWS CLI, SDKs, <c>sam local invoke</c>): no prelude, the body alone;
/// buffered answers as an ordinary Lambda result, refusals as Lambda errors.
/// </summary>
public sealed class DirectReply(RuntimeApiClient client, Invocation invocation, StreamedResponse response, RequestRecord record)
    : Reply(response, record)
{
    /// <summary>Lambda takes JSON alone as an ordinary result.</summary>
    private const string BufferedContentType = "application/json";

    /// <summary>Not ahead: a buffered answer never uses the connection.</summary>
    public override ValueTask ConnectAsync() => default;

    public override ValueTask StartAsync(int status, string contentType) =>
        Response.StartAsync(contentType, prelude: default, needsBody: true, CancellationToken.None);

    public override async ValueTask CompleteAsync(string contentType)
    {
        if (!IsStarted && contentType == BufferedContentType)
        {
            await RespondAsync().ConfigureAwait(false);
            return;
        }

        if (!IsStarted)
        {
            await StartAsync(200, contentType).ConfigureAwait(false);
        }

        await Response.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    protected override ValueTask SendRefusalAsync(RelayError error) =>
        client.ReportErrorAsync(invocation, new FunctionError(error.LambdaType, error.Message), CancellationToken.None);

    private ValueTask RespondAsync() => OutputLength > MaxBufferedLength
        ? RefuseAsync(StreamErrors.AnswerTooLarge)
        : client.RespondAsync(invocation, Response.OutputMemory, CancellationToken.None);
}
