using System.Net;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A SageMaker runtime on a loopback port: <c>POST /endpoints/{name}/invocations-response-stream</c> and <c>/invocations</c>, signatures
/// verified, answered by one of the ten JumpStart models, by a recorded file or by a server on the network, with faults on demand.
/// <c>GET /ping</c> answers 200.
/// </summary>
public sealed class SageMakerTwin : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Invocations _invocations;
    private readonly HttpClient _upstream;
    private readonly CancellationTokenSource _stopping;

    private SageMakerTwin(WebApplication application, Invocations invocations, HttpClient upstream, CancellationTokenSource stopping)
    {
        _application = application;
        _invocations = invocations;
        _upstream = upstream;
        _stopping = stopping;
    }

    /// <summary>Where it listens, for instance <c>http://127.0.0.1:40001/</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The last 1,000 requests that arrived, oldest first, those with a bad signature included.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _invocations.Requests;

    /// <summary>Listens when the task completes.</summary>
    /// <exception cref="ArgumentException">
    /// The options name a model that is none of the ten, a file of unknown kind, or a negative delay.
    /// </exception>
    /// <exception cref="IOException">The port is taken, or the file to replay cannot be read.</exception>
    public static async Task<SageMakerTwin> StartAsync(SageMakerTwinOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FirstTokenDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TokenDelay, TimeSpan.Zero);
        foreach (var modelId in options.Endpoints.Values.Append(options.DefaultModelId).OfType<string>())
        {
            if (!ModelCatalogue.TryFind(modelId, out _))
            {
                throw new ArgumentException($"'{modelId}' is none of the models the twin has.", nameof(options));
            }
        }

        var stopping = new CancellationTokenSource();

        // A proxy of this machine's settings may take loopback addresses too.
        var handler = new SocketsHttpHandler { UseProxy = options.Upstream is { IsLoopback: false } };
        var upstream = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var invocations = new Invocations(options, upstream, stopping.Token);
        var twin = new SageMakerTwin(Build(options.Port, invocations), invocations, upstream, stopping);
        try
        {
            await twin._application.StartAsync(cancellationToken);
        }
        catch
        {
            await twin.DisposeAsync();
            throw;
        }

        twin.Url = new Uri(twin._application.Urls.First());
        return twin;
    }

    /// <summary>Breaks off what is still being answered and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.DisposeAsync();
        _upstream.Dispose();
        _stopping.Dispose();
    }

    private static WebApplication Build(int port, Invocations invocations)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Invocations.MaxBodyLength;

            // A relay that reads slowly on purpose is not an attack on the twin.
            kestrel.Limits.MinResponseDataRate = null;
        });

        // Two bytes are the least that Kestrel's pipe can wait for. A write then completes when the system has its bytes, so that what was
        // written before a reset has left before the reset.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 2);

        var application = builder.Build();
        application.MapGet("/ping", () => Results.Ok());
        application.MapPost(
            "/endpoints/{name}/invocations-response-stream",
            (HttpContext context, string name) => invocations.InvokeAsync(context, name, streams: true));
        application.MapPost(
            "/endpoints/{name}/invocations",
            (HttpContext context, string name) => invocations.InvokeAsync(context, name, streams: false));
        return application;
    }

    // The process may be a test or hold other servers: signals are its affair, and the default lifetime would take them.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
