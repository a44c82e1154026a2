namespace LambdaStreamer.SageMaker;

/// <summary>
/// Calls InvokeEndpointWithResponseStream. Owns the connections to the runtime; they are kept between calls. Thread-safe.
/// </summary>
public sealed class SageMakerClient : IDisposable
{
    private const string SigningName = "sagemaker";
    private const string PingPath = "/ping";
    private const int MaxPingBytes = 4 * 1024;

    private readonly SageMakerOptions _options;
    private readonly CredentialSource _credentials;
    private readonly TimeProvider _timeProvider;
    private readonly SigV4Signer _signer;
    private readonly ClockSkew _skew;
    private readonly ConnectionPool _pool;
    private volatile EndpointAddress? _lastAddress;

    /// <param name="options">Where and how patiently.</param>
    /// <param name="credentials">Asked before every request.</param>
    /// <param name="timeProvider">The clock of signatures, pauses and waits.</param>
    public SageMakerClient(SageMakerOptions options, CredentialSource credentials, TimeProvider timeProvider)
    {
        _options = options;
        _credentials = credentials;
        _timeProvider = timeProvider;
        _signer = new SigV4Signer(options.Region, SigningName);
        _skew = new ClockSkew(timeProvider);
        _pool = new ConnectionPool(options);
    }

    /// <summary>
    /// Opens a connection and leaves it in the pool, so that the next call pays for no handshake. Any answer will do, and none is no
    /// failure; it takes the connect timeout at most.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Unsigned: nothing is invoked, and credentials may not be there yet.
            using var ping = new HttpRequestMessage(HttpMethod.Get, _options.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + PingPath);
            using var response = await _pool.Current.SendAsync(ping, either.Token).ConfigureAwait(false);
            await CappedBody.ReadAsync(response.Content, MaxPingBytes, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Sends one invocation and returns when its stream has begun. Requests are repeated only in here, so never after a byte of a stream
    /// was handed out.
    /// </summary>
    /// <exception cref="SageMakerException">Why there is no stream.</exception>
    /// <exception cref="OperationCanceledException">The caller's token; the connection is closed.</exception>
    public async Task<EndpointResponse> InvokeWithResponseStreamAsync(EndpointRequest request, CancellationToken cancellationToken)
    {
        // :: Step 1: Refuse what must not go on the wire.
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Check() is { } refused)
        {
            throw new SageMakerException(refused);
        }

        if (request.Deadline <= _timeProvider.GetUtcNow())
        {
            throw new SageMakerException(SageMakerFailure.Refused(SageMakerFailureKind.DeadlineNear, "The deadline had passed already."));
        }

        // :: Step 2: Start the one clock that all attempts and the first read share.
        var clock = new WaitClock(_timeProvider, _options, request.Deadline);
        EndpointResponse? response = null;
        try
        {
            using var link = clock.Link(cancellationToken);
            return response = await InvokeAsync(request, clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (response is null)
            {
                clock.Dispose();
            }
        }
    }

    /// <summary>Closes the connections that are idle; a stream under way keeps its own.</summary>
    public void Dispose() => _pool.Dispose();

    private async Task<EndpointResponse> InvokeAsync(EndpointRequest request, WaitClock clock, CancellationToken cancellationToken)
    {
        var address = AddressOf(request.EndpointName);
        var invocationId = Guid.NewGuid().ToString();
        var cures = default(Cures);
        for (var attempt = 1; ; attempt++)
        {
            // :: Step 3: Send it.
            var outcome = await TryAsync(request, address, invocationId, attempt, clock, cancellationToken).ConfigureAwait(false);
            if (outcome.Failure is not { } failure)
            {
                return new EndpointResponse(outcome.Message!, outcome.Body!, clock, retries: attempt - 1);
            }

            // :: Step 4: Decide about another attempt: at once when the cause was cured, after a pause when it may pass.
            failure = failure with { Retries = attempt - 1 };
            if (attempt >= _options.MaxAttempts || clock.HasEnded)
            {
                throw new SageMakerException(failure, outcome.Cause);
            }

            if (Cure(outcome, failure, ref cures))
            {
                continue;
            }

            var pause = RetryPolicy.Pause(attempt, failure.RetryAfter);
            if (!outcome.IsTransient || clock.PassesDeadline(pause))
            {
                throw new SageMakerException(failure, outcome.Cause);
            }

            try
            {
                await Task.Delay(pause, _timeProvider, clock.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // What failed says more than that there was no time left to try again.
                cancellationToken.ThrowIfCancellationRequested();
                throw new SageMakerException(failure, outcome.Cause);
            }
        }
    }

    private async Task<Outcome> TryAsync(
        EndpointRequest request,
        Uri address,
        string invocationId,
        int attempt,
        WaitClock clock,
        CancellationToken cancellationToken)
    {
        AwsCredentials credentials;
        try
        {
            credentials = await _credentials.GetAsync(clock.Token).ConfigureAwait(false);
        }
        catch (CredentialsException exception)
        {
            return Outcome.Failed(
                SageMakerFailureKind.Credentials, SageMakerStage.Credentials, exception.Message, exception, exception.IsTransient);
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Outcome.Failed(clock.Cause, SageMakerStage.Credentials, "Credentials did not come in time.", exception);
        }

        var generation = _pool.Current;
        var signedAt = _skew.Now;
        using var sending = new CancellationTokenSource(_options.ConnectTimeout, _timeProvider);
        using var link = clock.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), sending);
        using var message = EndpointMessage.Create(
            request,
            address,
            invocationId,
            attempt,
            _options.MaxAttempts,
            _signer,
            credentials,
            signedAt,
            connected: () => sending.CancelAfter(Timeout.InfiniteTimeSpan));
        HttpResponseMessage? response = null;
        try
        {
            response = await generation.SendAsync(message, sending.Token).ConfigureAwait(false);
            var outcome = await ReplyReader.ReadAsync(response, clock.Token).ConfigureAwait(false);
            return outcome with { Credentials = credentials, SignedAt = signedAt };
        }
        catch (OperationCanceledException exception)
        {
            response?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return clock.HasEnded
                ? Outcome.Failed(clock.Cause, SageMakerStage.Response, "No reply came in time.", exception)
                : Outcome.Failed(SageMakerFailureKind.ConnectTimedOut, SageMakerStage.Connect, "No connection came in time.", exception);
        }
        catch (HttpRequestException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Outcome.Failed(exception) with { DiedInPool = message.OpenedConnection ? null : generation };
        }
    }

    /// <summary>Removes the cause of a failure if that can be done at once; each cure is tried once.</summary>
    private bool Cure(in Outcome outcome, SageMakerFailure failure, ref Cures cures)
    {
        // A frozen function's connections die unseen; their neighbours in the pool have most likely died with them.
        if (failure.Kind == SageMakerFailureKind.ConnectionCut && outcome.DiedInPool is { } generation && !cures.FreshConnection)
        {
            cures.FreshConnection = true;
            _pool.Abandon(generation);
            return true;
        }

        if (!cures.Clock && _skew.Learn(failure, outcome.SignedAt, outcome.ServerDate))
        {
            cures.Clock = true;
            return true;
        }

        if (failure.Kind == SageMakerFailureKind.ExpiredCredentials && !cures.Credentials && outcome.Credentials is { } rejected)
        {
            cures.Credentials = true;
            return _credentials.Reject(rejected);
        }

        return false;
    }

    /// <summary>Most functions have one endpoint: the last address is remembered, the others are made anew.</summary>
    private Uri AddressOf(string endpointName)
    {
        var last = _lastAddress;
        if (last?.EndpointName != endpointName)
        {
            _lastAddress = last = new EndpointAddress(endpointName, EndpointMessage.AddressOf(_options.Endpoint, endpointName));
        }

        return last.Address;
    }

    private sealed record EndpointAddress(string EndpointName, Uri Address);

    private struct Cures
    {
        public bool FreshConnection;
        public bool Clock;
        public bool Credentials;
    }
}
