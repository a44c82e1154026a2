using System.Buffers;
using LambdaStreamer.RuntimeApi;

namespace LambdaStreamer.Relay;

/// <summary>
/// Where an invocation's answer goes: the response bytes' way out. What is written to <see cref="Output"/> waits until <see cref="StartAsync"/> and
/// <see cref="FlushAsync"/>. Ended by exactly one of <see cref="CompleteAsync"/>, <see cref="FailAsync"/> and <see cref="RefuseAsync"/>.
/// </summary>
public abstract class Reply(StreamedResponse response)
{
    /// <summary>How long a stopped process tries to end its last answer; Lambda kills it 500 ms after SIGTERM.</summary>
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromMilliseconds(400);

    public IBufferWriter<byte> Output => response.Output;

    public int OutputLength => response.OutputLength;

    public bool IsStarted => response.IsStarted;

    protected StreamedResponse Response => response;

    /// <summary>Opens the way out while there is something else to wait for.</summary>
    public virtual ValueTask ConnectAsync(CancellationToken cancellationToken) => response.ConnectAsync(cancellationToken);

    /// <summary>Sends the answer's head. From here on its status is fixed.</summary>
    public abstract ValueTask StartAsync(int status, string contentType, CancellationToken cancellationToken);

    /// <summary>Sends what waits in <see cref="Output"/> in one write.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken) => response.FlushAsync(cancellationToken);

    /// <summary>Sends what waits as a whole answer that was never started, or as the last piece of one that was.</summary>
    public abstract ValueTask CompleteAsync(string contentType, CancellationToken cancellationToken);

    /// <summary>Fails an answer that has not been started; what waits in <see cref="Output"/> is dropped.</summary>
    public abstract ValueTask RefuseAsync(RelayError error, CancellationToken cancellationToken);

    /// <summary>Ends a started answer as broken, what waits in <see cref="Output"/> included.</summary>
    public async ValueTask FailAsync(RelayError error)
    {
        // Not the invocation's token: that may be the very reason why the answer ends here.
        using var grace = new CancellationTokenSource(error.Kind == RelayErrorKind.Shutdown ? ShutdownGrace : Timeout.InfiniteTimeSpan);
        await response.FailAsync(new FunctionError(error.LambdaType, error.Message), grace.Token).ConfigureAwait(false);
    }
}
