using System.Buffers;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.Relay;

/// <summary>
/// Where an invocation's answer goes: the response bytes' way out. What is written to <see cref="Output"/> waits until
/// <see cref="WriteAsync"/>. Ended by exactly one of <see cref="CompleteAsync"/>, <see cref="FailAsync"/> and <see cref="RefuseAsync"/>.
/// </summary>
/// <remarks>
/// No call can be cancelled: an answer that is told to stop still has an end to send. What bounds them is the end of the process, by
/// Lambda's timeout or shortly after SIGTERM.
/// </remarks>
/// <param name="response">The way out.</param>
/// <param name="record">Told how the request ends.</param>
public abstract class Reply(StreamedResponse response, RequestRecord record)
{
    /// <summary>Lambda refuses a larger result in one piece with 413.</summary>
    protected const int MaxBufferedLength = 6 * 1024 * 1024;

    /// <summary>The answer's bytes that wait for the next write.</summary>
    public IBufferWriter<byte> Output => response.Output;

    internal ByteBuffer Buffer => response.Buffer;

    public int OutputLength => response.OutputLength;

    public virtual bool IsStarted => response.IsStarted;

    /// <summary>Bytes of body sent.</summary>
    public long SentLength => response.SentLength;

    /// <summary>What the client is told about requests that were repeated on its behalf; final when the answer starts.</summary>
    public Repeats Repeats { get; set; } = Repeats.None;

    /// <summary>What the operator is told of this request.</summary>
    public RequestRecord Record => record;

    protected StreamedResponse Response => response;

    /// <summary>Opens the way out while there is something else to wait for.</summary>
    public virtual ValueTask ConnectAsync() => response.ConnectAsync(CancellationToken.None);

    /// <summary>Sends the answer's head. From here on its status is fixed.</summary>
    public abstract ValueTask StartAsync(int status, string contentType);

    /// <summary>Sends what waits in <see cref="Output"/> in one write, after the head if that has not been sent.</summary>
    public ValueTask WriteAsync(string contentType) =>
        IsStarted ? FlushAsync() : StartAndFlushAsync(contentType);

    /// <summary>Sends what waits as a whole answer that was never started, or as the last piece of one that was.</summary>
    public abstract ValueTask CompleteAsync(string contentType);

    /// <summary>Fails an answer that has not been started; what waits in <see cref="Output"/> is dropped.</summary>
    public ValueTask RefuseAsync(RelayError error)
    {
        record.Refused(error);
        return SendRefusalAsync(error);
    }

    /// <inheritdoc cref="RefuseAsync"/>
    protected abstract ValueTask SendRefusalAsync(RelayError error);

    /// <summary>Ends a started answer as broken, what waits in <see cref="Output"/> included.</summary>
    public virtual ValueTask FailAsync(RelayError error) =>
        response.FailAsync(new FunctionError(error.LambdaType, error.Message), CancellationToken.None);

    protected virtual ValueTask FlushAsync() => response.FlushAsync(CancellationToken.None);

    private async ValueTask StartAndFlushAsync(string contentType)
    {
        await StartAsync(200, contentType).ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
    }
}
