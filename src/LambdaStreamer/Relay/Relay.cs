using System.Runtime.CompilerServices;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>
/// Takes one request's tokens from the endpoint to the client, each with the read that brought it.
/// </summary>
/// <remarks>
/// <code>
///  client ◄──(c)── Lambda ◄──(b)── Reply ◄── Answer ◄── Text ◄── Tokens ◄── Lines ◄── EventStream ◄──(a)── SageMaker
///         HTTP            one write        SSE…       visible   text, id…   bytes      frames      one read
///
///  One loop, two awaits: (a) a read from the endpoint, (b) a write to the Runtime API. Between them everything is
///  synchronous. Nothing waits for a fuller buffer. (c) is Lambda's: it neither tells of a client that went away nor,
///  over plain HTTP, the client of a broken answer.
/// </code>
/// <list type="number">
/// <item>Ask the endpoint, and open the way out meanwhile. What it refuses keeps a real status.</item>
/// <item>Read once and drain what came. The status becomes 200 with the first token or keep-alive, so a failure before it keeps a real
/// one too; what the model server refuses for the moment is asked again.</item>
/// <item>Write once, and read again.</item>
/// <item>End truthfully: complete only after the model's own end marker, or by the caller's own rule.</item>
/// </list>
/// </remarks>
public sealed class Relay(SageMakerClient endpoint, Settings settings, TimeProvider timeProvider, FunctionLog log)
{
    /// <summary>What Lambda takes as a buffered answer; more is no answer for one caller's memory either.</summary>
    private const int MaxHeldLength = 6 * 1024 * 1024;

    /// <summary>What stays free below the response limit, for the event that tells of it.</summary>
    private const int ErrorReserve = 4 * 1024;

    /// <summary>
    /// For what may still come when the answer is whole: a usage, and the body's end, which saves the connection. The client waits.
    /// </summary>
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(1);

    /// <returns>How it ended, which is in the reply's record too. The client has been told, unless <see cref="RelayOutcome.Lost"/> says why it could not be.</returns>
    public async ValueTask<RelayOutcome> RunAsync(
        EndpointRequest request, AnswerRules rules, Answer answer, Reply reply, RunningAnswer running)
    {
        reply.Record.Asking();
        using var call = endpoint.Begin(request);
        using var keepAlive = CreateKeepAlive(call, answer, reply, running);
        while (true)
        {
            using var drain = new TokenDrain(answer, rules, UnknownLineLog(running.Id));
            RelayError? error;
            string? endpointRequestId = null;
            RuntimeApiException? lost = null;
            try
            {
                (error, endpointRequestId) = await RelayAsync(call, drain, answer, reply, keepAlive, running).ConfigureAwait(false);
                if (drain.TokenCount == 0 && IsRefusedForTheMoment(error))
                {
                    (var isRepeated, error) = await PauseAsync(call, error!, running).ConfigureAwait(false);
                    if (isRepeated)
                    {
                        continue;
                    }
                }

                reply.Repeats = call.Repeats;
                error = await EndAsync(error, drain, answer, reply).ConfigureAwait(false);
            }
            catch (RuntimeApiException e)
            {
                lost = e;
                error = StreamErrors.ReplyLost;
            }

            var outcome = new RelayOutcome(error?.Ending ?? SuccessOf(drain), error, drain.Usage, call.Repeats)
            {
                Dialect = drain.Dialect,
                UnknownCount = drain.UnknownCount,
                EndpointRequestId = endpointRequestId,
                Lost = lost,
            };
            reply.Record.Answered(outcome);
            return outcome;
        }
    }

    private async ValueTask<(RelayError? Error, string? EndpointRequestId)> RelayAsync(
        EndpointCall call, TokenDrain drain, Answer answer, Reply reply, KeepAlive? keepAlive, RunningAnswer running)
    {
        // :: Step 1: Ask the endpoint
        var (response, error) = await OpenAsync(call, reply, keepAlive, running).ConfigureAwait(false);
        if (response is null)
        {
            return (error, null);
        }

        using var parts = new PayloadPartReader(response);
        using var closing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(running.Token, closing.Token);
        while (true)
        {
            // :: Step 2: Read once, drain all of it
            (var isAtEnd, error) = await ReadAsync(parts, keepAlive, running, either.Token).ConfigureAwait(false);
            reply.Record.Arrived();
            var (tokensBefore, wasWhole) = (drain.TokenCount, drain.IsWhole);
            var room = settings.MaxResponseBytes - ErrorReserve - reply.SentLength - reply.OutputLength - answer.HeldLength;
            error ??= isAtEnd ? drain.End(parts, reply.Buffer) : drain.Drain(parts, reply.Buffer, room);
            error ??= answer.HeldLength > MaxHeldLength ? StreamErrors.AnswerTooLarge : null;
            if (drain.TokenCount > tokensBefore)
            {
                call.TokenArrived();
                reply.Record.TokensArrived();
            }

            if (isAtEnd || error is not null || drain.IsEndedHere)
            {
                return (error, response.RequestId);
            }

            if (drain.IsWhole && !wasWhole)
            {
                closing.CancelAfter(AfterEnd);
            }

            // :: Step 3: Write once
            if (reply.OutputLength > 0)
            {
                reply.Repeats = call.Repeats;
                var writing = reply.WriteAsync(answer.ContentType);
                reply.Record.Written();
                await writing.ConfigureAwait(false);
                keepAlive?.Sent();
            }
        }
    }

    /// <summary>:: Step 4: End truthfully.</summary>
    /// <returns>The error, unless nothing was taken from the client by it.</returns>
    private static async ValueTask<RelayError?> EndAsync(RelayError? error, TokenDrain drain, Answer answer, Reply reply)
    {
        error = drain.Conclude(error, reply.Buffer);
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

    private static async ValueTask<(EndpointResponse? Response, RelayError? Error)> OpenAsync(
        EndpointCall call, Reply reply, KeepAlive? keepAlive, RunningAnswer running)
    {
        var opening = call.OpenAsync(running.Token);
        try
        {
            await reply.ConnectAsync().ConfigureAwait(false);
            if (keepAlive is not null)
            {
                await keepAlive.WhileAsync(opening).ConfigureAwait(false);
            }
        }
        catch (RuntimeApiException)
        {
            running.Abandon();
            await DiscardAsync(opening).ConfigureAwait(false);
            throw;
        }

        try
        {
            return (await opening.ConfigureAwait(false), null);
        }
        catch (SageMakerException e)
        {
            return (null, EndpointErrors.Of(e.Failure));
        }
        catch (OperationCanceledException) when (running.Token.IsCancellationRequested)
        {
            return (null, StreamErrors.Of(running));
        }
    }

    private static async Task DiscardAsync(Task<EndpointResponse> opening)
    {
        try
        {
            (await opening.ConfigureAwait(false)).Dispose();
        }
        catch (Exception e) when (e is SageMakerException or OperationCanceledException)
        {
            // Nobody is left to be told.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<(bool IsAtEnd, RelayError? Error)> ReadAsync(
        PayloadPartReader parts, KeepAlive? keepAlive, RunningAnswer running, CancellationToken runningOrClosing)
    {
        try
        {
            var hasMore = keepAlive is null
                ? await parts.ReadAsync(runningOrClosing).ConfigureAwait(false)
                : await keepAlive.WhileAsync(parts.ReadAsync(runningOrClosing)).ConfigureAwait(false);
            return (!hasMore, null);
        }
        catch (SageMakerException e)
        {
            return (true, EndpointErrors.Of(e.Failure));
        }
        catch (OperationCanceledException) when (runningOrClosing.IsCancellationRequested)
        {
            return (true, running.Token.IsCancellationRequested ? StreamErrors.Of(running) : null);
        }
    }

    private static async ValueTask<(bool IsRepeated, RelayError? Error)> PauseAsync(
        EndpointCall call, RelayError refusal, RunningAnswer running)
    {
        try
        {
            return (await call.PauseBeforeRepeatAsync(running.Token).ConfigureAwait(false), refusal);
        }
        catch (OperationCanceledException) when (running.Token.IsCancellationRequested)
        {
            return (false, StreamErrors.Of(running));
        }
    }

    private KeepAlive? CreateKeepAlive(EndpointCall call, Answer answer, Reply reply, RunningAnswer running) =>
        answer.KeepAlive.IsEmpty || settings.KeepAlive == TimeSpan.Zero
            ? null
            : new KeepAlive(call, answer, reply, running, new Silence(timeProvider, settings.KeepAlive));

    /// <summary>A line may hold what the model wrote, which belongs into no log that anybody reads by default.</summary>
    private LineObserver? UnknownLineLog(string requestId) => log.IsEnabled(LogLevel.Trace)
        ? line => log.WriteSensitive(requestId, $"The model sent an object of no known dialect: {Excerpt.Of(line)}")
        : null;

    /// <summary>The model server had no room for a request that it has not begun: TGI's <c>overloaded</c> event in a stream of status 200.</summary>
    private static bool IsRefusedForTheMoment(RelayError? error) => error is { Ending: Ending.ModelError, Status: 429 };

    private static Ending SuccessOf(TokenDrain drain) => drain.Usage.FinishReason switch
    {
        FinishReason.StopSequence => Ending.Stopped,
        FinishReason.Length when drain.IsEndedHere => Ending.CallerCapReached,
        FinishReason.Length => Ending.LengthReached,
        _ => Ending.Completed,
    };
}
