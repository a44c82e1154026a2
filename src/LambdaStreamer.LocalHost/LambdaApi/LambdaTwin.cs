using System.Net;
using LambdaStreamer.LocalHost.FunctionUrl;
using LambdaStreamer.LocalHost.Processes;
using LambdaStreamer.LocalHost.RuntimeApi;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>
/// AWS Lambda on the loopback, for one function: a Function URL, the invoke calls of the Lambda API, and the function itself as real
/// processes behind a Runtime API that watches its rules. Nothing of it outlives <see cref="DisposeAsync"/>.
/// </summary>
public sealed class LambdaTwin : IAsyncDisposable
{
    // Lambda's documented bound for request line and header values together.
    private const int MaxHeadBytes = 1024 * 1024;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);

    private readonly FunctionFleet _fleet;
    private readonly LambdaApiFront _api;
    private readonly List<WebApplication> _listeners = [];
    private bool _isDisposed;

    private LambdaTwin(LambdaTwinOptions options)
    {
        _fleet = new FunctionFleet(options);
        _api = new LambdaApiFront(options, _fleet);
    }

    public Uri FunctionUrl { get; private set; } = null!;

    public Uri LambdaApiUrl { get; private set; } = null!;

    /// <summary>
    /// The value of AWS_LAMBDA_RUNTIME_API for a runtime that somebody else starts; null when the twin starts its processes itself.
    /// </summary>
    public string? RuntimeApiAddress => _fleet.RuntimeApiAddress;

    /// <summary>What the Runtime API saw of the last 1,000 invocations, oldest first; a snapshot.</summary>
    public InvocationRecord[] Invocations => _fleet.Records;

    /// <summary>Every rule that a runtime broke, those within an invocation among them; the first 1,000.</summary>
    public Violation[] Violations => _fleet.Violations;

    /// <summary>The function processes that are alive.</summary>
    public int[] ProcessIds => _fleet.ProcessIds;

    /// <summary>
    /// Of the function processes that have ended, in that order; 128 and its number for a signal. The first 1,000.
    /// </summary>
    public int[] ExitCodes => _fleet.ExitCodes;

    /// <summary>Fails with <see cref="IOException"/> when a port is taken. Processes start with the calls that need them.</summary>
    public static async Task<LambdaTwin> StartAsync(LambdaTwinOptions options, CancellationToken cancellationToken)
    {
        var twin = new LambdaTwin(options);
        try
        {
            var front = new FunctionUrlFront(options, twin._fleet);
            twin.FunctionUrl = await twin.ListenAsync(options.FunctionUrlPort, front.HandleAsync, cancellationToken)
                .ConfigureAwait(false);
            twin.LambdaApiUrl = await twin.ListenAsync(options.LambdaApiPort, twin._api.HandleAsync, cancellationToken)
                .ConfigureAwait(false);
            return twin;
        }
        catch
        {
            await twin.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// SIGTERM to the processes, which may end their answers within half a second; then Sandbox.Failure for what still runs, and SIGKILL.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _fleet.DisposeAsync().ConfigureAwait(false);
        await _api.AsynchronousCallsDoneAsync().ConfigureAwait(false);
        foreach (var listener in _listeners)
        {
            await StopAsync(listener).ConfigureAwait(false);
        }
    }

    private static async Task StopAsync(WebApplication listener)
    {
        // Clients may still be taking the last bytes.
        using var patience = new CancellationTokenSource(StopTimeout);
        try
        {
            await listener.StopAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // One does not take them.
        }

        await listener.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Uri> ListenAsync(int port, RequestDelegate handler, CancellationToken cancellationToken)
    {
        // Empty: no configuration files, no variables, no console logger; the port is the only setting.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestLineSize = MaxHeadBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadBytes;

            // A function may take minutes to its next byte, and a client seconds to its next read.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var application = builder.Build();
        _listeners.Add(application);
        application.Run(handler);
        await application.StartAsync(cancellationToken).ConfigureAwait(false);
        var addresses = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new Uri(addresses.Addresses.First());
    }
}
