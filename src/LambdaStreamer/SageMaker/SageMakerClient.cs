namespace LambdaStreamer.SageMaker;

/// <summary>
/// Calls InvokeEndpointWithResponseStream. Owns the connections to the runtime; they are kept between calls. Thread-safe.
/// </summary>
public sealed class SageMakerClient : IDisposable
{
    private const string SigningName = "sagemaker";
    private const string PingPath = "/ping";
    private const int MaxPingBytes = 4 * 1024;

    // A connection that died while the function was frozen says so as soon as it is used.
    private static readonly TimeSpan DeadOnArrival = TimeSpan.FromSeconds(2);

    private readonly CredentialSource _credentials;
    private readonly SigV4Signer _signer;
    private readonly ClockSkew _skew;
    private readonly ConnectionPool _pool;
    private volatile EndpointAddress? _lastAddress;

    /// <param name="options">Where and how patiently.</param>
    /// <param name="credentials">Asked before every request.</param>
    /// <param name="timeProvider">The clock of signatures, pauses and waits.</param>
    public SageMakerClient(SageMakerOptions options, CredentialSource credentials, TimeProvider timeProvider)
    {
        Options = options;
        _credentials = credentials;
        TimeProvider = timeProvider;
        _signer = new SigV4Signer(options.Region, SigningName);
        _skew = new ClockSkew(timeProvider);
        _pool = new ConnectionPool(options);
    }

    internal SageMakerOptions Options { get; }

    internal TimeProvider TimeProvider { get; }

    internal RetryBudget Budget { get; } = new();

    /// <summary>
    /// Opens a connection and leaves it in the pool, so that the next call pays for no handshake. Any answer will do, and none is no
    /// failure; it takes the connect timeout at most.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.ConnectTimeout, TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Unsigned: nothing is invoked, and credentials may not be there yet.
            using var ping = new HttpRequestMessage(HttpMethod.Get, Options.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + PingPath);
            using var response = await _pool.Current.SendAsync(ping, either.Token).ConfigureAwait(false);
            await CappedBody.ReadAsync(response.Content, MaxPingBytes, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Starts the clock of one call; nothing is sent yet.</summary>
    public EndpointCall Begin(EndpointRequest request) => new(this, request, new WaitClock(TimeProvider, Options, request.Deadline));

    /// <summary>Closes the connections that are idle; a stream under way keeps its own.</summary>
    public void Dispose() => _pool.Dispose();

    /// <summary>What is wrong with a request before it is sent, or null.</summary>
    internal SageMakerFailure? Refuse(EndpointRequest request) => request.Check()
        ?? (request.Deadline <= TimeProvider.GetUtcNow()
            ? SageMakerFailure.Refused(SageMakerFailureKind.DeadlineNear, "The deadline had passed already.")
            : null);

    /// <summary>Sends one request.</summary>
    /// <exception cref="OperationCanceledException">The caller's token, which the clock must be linked to.</exception>
    internal async Task<Outcome> SendAsync(
        EndpointRequest request, AttemptNumber number, WaitClock clock, CancellationToken cancellationToken)
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
        using var sending = new CancellationTokenSource(Options.ConnectTimeout, TimeProvider);
        using var link = clock.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), sending);
        using var message = EndpointMessage.Create(
            request,
            AddressOf(request.EndpointName),
            number,
            _signer,
            credentials,
            signedAt,
            TimeProvider,
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
            if (clock.HasEnded)
            {
                return Outcome.Failed(clock.Cause, SageMakerStage.Response, "No reply came in time.", exception);
            }

            // The connect timeout may fall due in the moment in which the connection comes: then some of the request was sent.
            return message.SinceConnected is null
                ? Outcome.Failed(SageMakerFailureKind.ConnectTimedOut, SageMakerStage.Connect, "No connection came in time.", exception)
                : Outcome.Failed(
                    SageMakerFailureKind.ConnectionCut, SageMakerStage.Response, "The connection came too late and was closed.", exception);
        }
        catch (HttpRequestException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var mayHaveDiedBefore = !message.OpenedConnection && message.SinceConnected <= DeadOnArrival;
            return Outcome.Failed(exception) with { DiedInPool = mayHaveDiedBefore ? generation : null };
        }
    }

    /// <summary>Removes the cause of a failure if that can be done at once; each cure is tried once.</summary>
    internal bool Cure(in Outcome outcome, SageMakerFailure failure, ref Cures cures)
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
            _lastAddress = last = new EndpointAddress(endpointName, EndpointMessage.AddressOf(Options.Endpoint, endpointName));
        }

        return last.Address;
    }

    private sealed record EndpointAddress(string EndpointName, Uri Address);
}
