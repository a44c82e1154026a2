namespace LambdaStreamer.RuntimeApi;

/// <summary>
/// The loops of one process, as many as Lambda hands it invocations at once. Each has a client, and so a poll, of its own and one
/// invocation at most: Lambda takes every open poll for a place that is free.
/// </summary>
public sealed class InvocationLoops(IEnumerable<InvocationLoop> loops, TimeProvider timeProvider)
{
    /// <summary>Lambda kills the process 500 ms after SIGTERM.</summary>
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// Returns after <paramref name="shutdown"/>, when the running answers have ended or their time is over. A loop that loses the
    /// environment ends the others in the same way.
    /// </summary>
    /// <exception cref="RuntimeApiException">The environment is lost; the process has to exit with a code other than 0.</exception>
    public async Task RunAsync(CancellationToken shutdown)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        var isEnding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onEnding = ending.Token.Register(isEnding.SetResult);
        Task[] running = [.. loops.Select(loop => RunAsync(loop, ending))];
        var allEnded = Task.WhenAll(running);
        await Task.WhenAny(allEnded, isEnding.Task).ConfigureAwait(false);
        if (!allEnded.IsCompleted)
        {
            // A running answer may end; a client that does not take it any more must not keep the process.
            await Task.WhenAny(allEnded, Task.Delay(ShutdownGrace, timeProvider, CancellationToken.None)).ConfigureAwait(false);
        }

        await (running.FirstOrDefault(static loop => loop.IsFaulted || loop.IsCanceled) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    private static async Task RunAsync(InvocationLoop loop, CancellationTokenSource ending)
    {
        try
        {
            await loop.RunAsync(ending.Token).ConfigureAwait(false);
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
