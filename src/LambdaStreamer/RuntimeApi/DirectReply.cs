using LambdaStreamer.Relay;

namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// The answer to an invocation whose event is the request itself (AWS CLI, SDKs, <c>sam local invoke</c>): no prelude, the body alone; buffered answers as
/// an ordinary Lambda result, refusals as Lambda errors.
/// </summary>
public sealed class DirectReply(RuntimeApiClient client, Invocation invocation, StreamedResponse response) : Reply(response)
{
    /// <summary>Not ahead: a buffered answer never uses the connection.</summary>
    public override ValueTask ConnectAsync(CancellationToken cancellationToken) => default;

    public override ValueTask StartAsync(int status, string contentType, CancellationToken cancellationToken) =>
        Response.StartAsync(contentType, prelude: default, needsBody: true, cancellationToken);

    public override ValueTask CompleteAsync(string contentType, CancellationToken cancellationToken) =>
        IsStarted
            ? Response.CompleteAsync(cancellationToken)
            : client.RespondAsync(invocation, Response.OutputMemory, cancellationToken);

    public override ValueTask RefuseAsync(RelayError error, CancellationToken cancellationToken) =>
        client.ReportErrorAsync(invocation, new FunctionError(error.LambdaType, error.Message), cancellationToken);
}
