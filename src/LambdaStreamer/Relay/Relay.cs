using LambdaStreamer.Responses;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Relay;

/// <summary>
/// Takes one request's tokens from the endpoint to the client, each with the read that brought it.
/// </summary>
/// <remarks>
/// <code>
///  client ◄──(c)── Lambda ◄──(b)── Reply ◄── Answer ◄── Tokens ◄── Lines ◄── EventStream ◄──(a)── SageMaker
///         HTTP            one write        text, SSE…   text, id…   bytes      frames      one read
///
///  One loop, two awaits: (a) a read from the endpoint, (b) a write to the Runtime API. Between them everything is
///  synchronous. Nothing waits for a fuller buffer. (c) is Lambda's: it neither tells of a client that went away nor,
///  over plain HTTP, the client of a broken answer.
/// </code>
/// <list type="number">
/// <item>Ask the endpoint, and open the way out meanwhile. What it refuses keeps a real status.</item>
/// <item>Read once and drain what came. The status becomes 200 with the first token, so a failure before it keeps a real one too.</item>
/// <item>Write once, and read again.</item>
/// <item>End truthfully: complete only after the model's own end marker.</item>
/// </list>
/// </remarks>
public sealed class Relay(SageMakerClient endpoint)
{
    /// <summary>What Lambda takes as a buffered answer; more is no answer for one caller's memory either.</summary>
    private const int MaxHeldLength = 6 * 1024 * 1024;

    /// <returns>Null for a complete answer; otherwise what ended it, for the log.</returns>
    /// <exception cref="RuntimeApi.RuntimeApiException">Lambda does not take the answer (any more).</exception>
    public async ValueTask<RelayError?> RunAsync(EndpointRequest request, Answer answer, Reply reply, CancellationToken shutdown)
    {
        // :: Step 1: Ask the endpoint
        var connecting = reply.ConnectAsync().AsTask();
        using var call = endpoint.Begin(request);
        var (response, error) = await AskAsync(call, shutdown).ConfigureAwait(false);
        using var parts = response is null ? null : new PayloadPartReader(response);
        await connecting.ConfigureAwait(false);
        if (parts is null)
        {
            await reply.RefuseAsync(error!).ConfigureAwait(false);
            return error;
        }

        using var drain = new TokenDrain(answer);
        var tokens = 0;
        bool isAtEnd;
        while (true)
        {
            // :: Step 2: Read once, drain all of it
            (isAtEnd, error) = await ReadAsync(parts, shutdown).ConfigureAwait(false);
            error ??= isAtEnd ? drain.End(parts, reply.Output) : drain.Drain(parts, reply.Output);
            error ??= answer.HeldLength > MaxHeldLength ? StreamErrors.AnswerTooLarge : null;
            if (isAtEnd || error is not null)
            {
                break;
            }

            if (drain.Usage.CountedTokens > tokens)
            {
                tokens = drain.Usage.CountedTokens;
                call.TokenArrived();
            }

            // :: Step 3: Write once
            if (reply.OutputLength > 0)
            {
                if (!reply.IsStarted)
                {
                    await reply.StartAsync(200, answer.ContentType).ConfigureAwait(false);
                }

                await reply.FlushAsync().ConfigureAwait(false);
            }
        }

        // :: Step 4: End truthfully. Behind the model's end marker nothing can go wrong that takes anything from the client.
        error = drain.Usage.IsComplete ? null : error;
        if (error is null)
        {
            answer.WriteEnd(drain.Usage, reply.Output);
            await reply.CompleteAsync(answer.ContentType).ConfigureAwait(false);
        }
        else if (reply.IsStarted || reply.OutputLength > 0)
        {
            if (!reply.IsStarted)
            {
                await reply.StartAsync(200, answer.ContentType).ConfigureAwait(false);
            }

            answer.WriteError(error, reply.Output);
            await reply.FailAsync(error).ConfigureAwait(false);
        }
        else
        {
            await reply.RefuseAsync(error).ConfigureAwait(false);
        }

        return error;
    }

    private static async ValueTask<(EndpointResponse? Response, RelayError? Error)> AskAsync(EndpointCall call, CancellationToken shutdown)
    {
        try
        {
            return (await call.OpenAsync(shutdown).ConfigureAwait(false), null);
        }
        catch (SageMakerException e)
        {
            return (null, EndpointErrors.Of(e.Failure));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            return (null, StreamErrors.Shutdown);
        }
    }

    private static async ValueTask<(bool IsAtEnd, RelayError? Error)> ReadAsync(PayloadPartReader parts, CancellationToken shutdown)
    {
        try
        {
            return (!await parts.ReadAsync(shutdown).ConfigureAwait(false), null);
        }
        catch (SageMakerException e)
        {
            return (true, EndpointErrors.Of(e.Failure));
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            return (true, StreamErrors.Shutdown);
        }
    }
}
