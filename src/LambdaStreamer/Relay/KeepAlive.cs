using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Relay;

/// <summary>
/// Breaks the silence of a stream while the model has nothing to say: proxies and clients give connections up on which nothing comes. The
/// first keep-alive starts the answer, after which a failure can no longer have a status of its own.
/// </summary>
internal sealed class KeepAlive(EndpointCall call, Answer answer, Reply reply, RunningAnswer running, Silence silence) : IDisposable
{
    /// <summary>Something went to the client: the silence begins anew.</summary>
    public void Sent() => silence.Sent();

    /// <summary>Returns what <paramref name="reading"/> does, when it does.</summary>
    /// <exception cref="RuntimeApiException">Lambda does not take the answer any more; the operation has ended nonetheless.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WhileAsync(ValueTask<bool> reading)
    {
        var awaiter = reading.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            silence.Watch(awaiter);
            await BreakAsync().ConfigureAwait(false);
        }

        return awaiter.GetResult();
    }

    /// <summary>Returns when <paramref name="opening"/> has ended, in whatever way.</summary>
    /// <exception cref="RuntimeApiException">Lambda does not take the answer any more; the operation has ended nonetheless.</exception>
    public async ValueTask WhileAsync(Task opening)
    {
        if (!opening.IsCompleted)
        {
            silence.Watch(opening.ConfigureAwait(false).GetAwaiter());
            await BreakAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => silence.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask BreakAsync()
    {
        RuntimeApiException? lost = null;
        while (!await silence.NextAsync().ConfigureAwait(false))
        {
            if (lost is not null)
            {
                continue;
            }

            try
            {
                if (!reply.IsStarted)
                {
                    // The head says how often the endpoint was asked, and cannot say more later.
                    call.AnswerStarted();
                    reply.Repeats = call.Repeats;
                }

                reply.Output.Write(answer.KeepAlive);
                await reply.WriteAsync(answer.ContentType).ConfigureAwait(false);
                silence.Sent();
            }
            catch (RuntimeApiException e)
            {
                // The operation must not be left behind: what it uses is about to be disposed.
                lost = e;
                running.Abandon();
            }
        }

        if (lost is not null)
        {
            ExceptionDispatchInfo.Throw(lost);
        }
    }
}
