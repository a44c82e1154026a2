namespace LambdaStreamer.SageMaker;

/// <summary>
/// One invocation's whole conversation with SageMaker. Owns its clock, the count of its requests, and what there is to say about repeats.
/// Disposed after the responses it opened. One thread at a time, but for <see cref="Repeats"/> and <see cref="AnswerStarted"/>.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Refuse what must not go on the wire.</item>
/// <item>Ask the endpoint, again while that is worthwhile (<see cref="RetryPolicy"/>), affordable (<see cref="RetryBudget"/>), and in
/// time.</item>
/// <item>Ask the fallback endpoint, once; also after a stream that refused, when no repeat is left.</item>
/// </list>
/// </remarks>
public sealed class EndpointCall : IDisposable
{
    private static readonly SageMakerFailure RefusedInStream = new()
    {
        Kind = SageMakerFailureKind.Throttled,
        Stage = SageMakerStage.Body,
        Message = "The model server refused the request in its stream.",
    };

    private readonly SageMakerClient _client;
    private readonly EndpointRequest _request;
    private readonly WaitClock _clock;
    private readonly string _id = Guid.NewGuid().ToString();

    // Between a repeat that the client has to be told of and the answer that can no longer tell it.
    private readonly Lock _telling = new();
    private Repeats _repeats = Repeats.None;
    private bool _hasAnswerStarted;
    private Cures _cures;
    private int _attempts;
    private int _spent;
    private bool _goesToFallback;
    private bool _isDisposed;

    internal EndpointCall(SageMakerClient client, EndpointRequest request, WaitClock clock)
    {
        _client = client;
        _request = request;
        _clock = clock;
    }

    /// <summary>What was sent more than once so far. Readable from any thread, also while a call is being opened.</summary>
    public Repeats Repeats => Volatile.Read(ref _repeats);

    /// <summary>
    /// Returns when a stream has begun. Called once, and once more each time <see cref="PauseBeforeRepeatAsync"/> says true.
    /// </summary>
    /// <exception cref="SageMakerException">Why there is no stream; with a fallback that failed too, why the first endpoint had none.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller's token; the connection is closed.</exception>
    public async Task<EndpointResponse> OpenAsync(CancellationToken cancellationToken)
    {
        // :: Step 1: Refuse what must not go on the wire
        cancellationToken.ThrowIfCancellationRequested();
        if (_client.Refuse(_request) is { } refused)
        {
            throw new SageMakerException(refused with { Retries = Repeats.Count });
        }

        using var link = _clock.Link(cancellationToken);
        _clock.BeginWait();
        try
        {
            // :: Step 2: Ask the endpoint, unless its stream has sent us on
            var outcome = _goesToFallback ? Outcome.Failed(RefusedInStream, serverDate: null)
                : await AskAsync(cancellationToken).ConfigureAwait(false);
            if (outcome.Failure is { } failure && (_goesToFallback || TryFallBack(failure)))
            {
                // :: Step 3: Ask the fallback
                outcome = await AskFallbackAsync(outcome, failure, cancellationToken).ConfigureAwait(false);
            }

            return outcome.Failure is null
                ? new EndpointResponse(outcome.Message!, outcome.Body!, _clock, Repeats.Count)
                : throw new SageMakerException(outcome.Failure with { Retries = Repeats.Count }, outcome.Cause);
        }
        finally
        {
            _clock.EndWait();
        }
    }

    /// <summary>
    /// For a refusal that came inside a stream before its first token, such as TGI's <c>overloaded</c>. The response must be disposed.
    /// </summary>
    /// <returns>True after a pause, when the call may be opened again; true at once when requests, budget or time for a pause are used up
    /// and the fallback is to be opened; false at once when a token has arrived, or nobody is left to ask.</returns>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    public async ValueTask<bool> PauseBeforeRepeatAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Repeats.UsedFallback || _clock.HasToken || _clock.HasEnded)
        {
            return false;
        }

        using var link = _clock.Link(cancellationToken);
        _clock.BeginWait();
        try
        {
            return await TryPauseAfterRefusalAsync(cancellationToken).ConfigureAwait(false) || TryTurnToFallback(RefusedInStream);
        }
        finally
        {
            _clock.EndWait();
        }
    }

    /// <summary>
    /// The answer's head is about to be written, before a stream has begun; any thread. From here on nothing is sent again that the model
    /// may have had (<see cref="RetryPolicy.MayHaveRun"/>): the client could not be told. What <see cref="Repeats"/> says after this call
    /// is all that the head has to tell.
    /// </summary>
    public void AnswerStarted()
    {
        lock (_telling)
        {
            _hasAnswerStarted = true;
        }
    }

    /// <summary>
    /// Tells the clocks that what was read held a token. Costs a store; called between reads, for each read that brought one or more.
    /// </summary>
    public void TokenArrived() => _clock.TokenArrived();

    /// <summary>Settles the budget: a call succeeded when it had a token.</summary>
    public void Dispose()
    {
        if (_clock.HasToken && !_isDisposed)
        {
            _client.Budget.GiveBack(_spent);
        }

        _isDisposed = true;
        _clock.Dispose();
    }

    private async Task<Outcome> AskAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _attempts++;
            var outcome = await _client.SendAsync(_request, Number(_attempts, _client.Options.MaxAttempts), _clock, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Failure is not { } failure
                || !await MayRepeatAsync(outcome, failure, cancellationToken).ConfigureAwait(false))
            {
                return outcome;
            }
        }
    }

    /// <summary>At once when the cause was cured, after a pause when it may pass.</summary>
    private async ValueTask<bool> MayRepeatAsync(Outcome outcome, SageMakerFailure failure, CancellationToken cancellationToken)
    {
        var mayHaveRun = RetryPolicy.MayHaveRun(failure);
        if (_attempts >= _client.Options.MaxAttempts || _clock.HasEnded || !MayTell(mayHaveRun))
        {
            return false;
        }

        var cost = RetryPolicy.Cost(failure);
        if (_client.Cure(outcome, failure, ref _cures))
        {
            return TryPay(cost) && TryCount(failure.Kind, mayHaveRun);
        }

        return outcome.IsTransient
            && await TryPauseAsync(RetryPolicy.Pause(_attempts, failure.RetryAfter), cost, cancellationToken).ConfigureAwait(false)
            && TryCount(failure.Kind, mayHaveRun);
    }

    private async ValueTask<bool> TryPauseAsync(TimeSpan pause, int cost, CancellationToken cancellationToken)
    {
        if (_clock.EndsWithin(pause) || !TryPay(cost))
        {
            return false;
        }

        try
        {
            await Task.Delay(pause, _client.TimeProvider, _clock.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            // What failed says more than that there was no time left to try again.
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private async ValueTask<bool> TryPauseAfterRefusalAsync(CancellationToken cancellationToken) =>
        _attempts < _client.Options.MaxAttempts
        && await TryPauseAsync(RetryPolicy.Pause(_attempts, retryAfter: null), RetryBudget.Cost, cancellationToken).ConfigureAwait(false)
        && TryCount(RefusedInStream.Kind, mayHaveRun: false);

    private bool TryFallBack(SageMakerFailure failure) => RetryPolicy.MayFallBack(failure) && TryTurnToFallback(failure);

    /// <summary>Once a call, while there is time.</summary>
    private bool TryTurnToFallback(SageMakerFailure failure) =>
        _goesToFallback = !Repeats.UsedFallback
            && !_clock.HasEnded
            && _request.FallbackEndpointName is not null
            && TryCount(failure.Kind, RetryPolicy.MayHaveRun(failure), usesFallback: true);

    /// <summary>Without a pause and without a price: it is another endpoint's capacity.</summary>
    private async Task<Outcome> AskFallbackAsync(Outcome outcome, SageMakerFailure failure, CancellationToken cancellationToken)
    {
        var second = await _client.SendAsync(_request.ToFallback()!, Number(1, 1), _clock, cancellationToken).ConfigureAwait(false);
        return second.Failure is null ? second : outcome with { Failure = failure with { FallbackKind = second.Failure.Kind } };
    }

    /// <summary>Whether the client can still be told of a repeat that it has to be told of.</summary>
    private bool MayTell(bool mayHaveRun)
    {
        lock (_telling)
        {
            return !(mayHaveRun && _hasAnswerStarted);
        }
    }

    /// <summary>The last word on another request, before it is sent; false: the answer has started meanwhile.</summary>
    private bool TryCount(SageMakerFailureKind cause, bool mayHaveRun, bool usesFallback = false)
    {
        lock (_telling)
        {
            if (mayHaveRun && _hasAnswerStarted)
            {
                return false;
            }

            Volatile.Write(ref _repeats, _repeats.And(cause, mayHaveRun, usesFallback));
            return true;
        }
    }

    private bool TryPay(int cost)
    {
        var isPaid = _client.Budget.TryTake(cost);
        _spent += isPaid ? cost : 0;
        return isPaid;
    }

    private AttemptNumber Number(int attempt, int max) => new(_id, attempt, max);
}
