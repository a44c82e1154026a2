namespace LambdaStreamer.SageMaker;

/// <summary>
/// The HTTP/1.1 connections to the runtime. They can be abandoned all at once, which is how a request gets a fresh one: HttpClient itself
/// can't be told to open one, and doesn't repeat a POST whose body was sent.
/// </summary>
internal sealed class ConnectionPool(SageMakerOptions options) : IDisposable
{
    // Long enough to serve a function that is called now and then; a connection that was closed meanwhile is noticed and costs one repeat.
    private static readonly TimeSpan IdleLifetime = TimeSpan.FromMinutes(4);

    // Follows what DNS says, even under load without a pause.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private HttpMessageInvoker _current = Open(options);

    /// <summary>Sends requests. A message that gets a connection opened for it has that noted.</summary>
    public HttpMessageInvoker Current => Volatile.Read(ref _current);

    /// <summary>Makes later requests open connections, unless another request has seen to that already.</summary>
    public void Abandon(HttpMessageInvoker generation)
    {
        // Not disposed: another request may be about to use it. Its connections go with their idle lifetime, or with the next freeze.
        if (ReferenceEquals(Current, generation))
        {
            var fresh = Open(options);
            if (!ReferenceEquals(Interlocked.CompareExchange(ref _current, fresh, generation), generation))
            {
                fresh.Dispose();
            }
        }
    }

    public void Dispose() => Current.Dispose();

    private static HttpMessageInvoker Open(SageMakerOptions options) => new(new SocketsHttpHandler
    {
        // A request stops waiting on its own clock (EndpointBody); this one ends the attempt that HttpClient goes on with behind its back.
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionIdleTimeout = IdleLifetime,
        PooledConnectionLifetime = Lifetime,
        UseProxy = options.UseProxy,
        UseCookies = false,
        AllowAutoRedirect = false,

        // A stream that is given up is closed, not read to its end.
        ResponseDrainTimeout = TimeSpan.Zero,

        // The trace header is the caller's to set.
        ActivityHeadersPropagator = null,

        // Called once a connection, when it is ready: the only place that tells which message it was opened for.
        PlaintextStreamFilter = static (context, _) =>
        {
            if (context.InitialRequestMessage is EndpointMessage message)
            {
                message.OpenedConnection = true;
            }

            return ValueTask.FromResult(context.PlaintextStream);
        },
    });
}
