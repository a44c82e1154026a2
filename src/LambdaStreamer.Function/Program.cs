using System.Runtime.InteropServices;
using LambdaStreamer;
using LambdaStreamer.Access;
using LambdaStreamer.Cancel;
using LambdaStreamer.Generate;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;

const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

Func<string, string?> environment = Environment.GetEnvironmentVariable;
if (environment("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 } runtimeApi)
{
    await Console.Error.WriteLineAsync(
        "AWS_LAMBDA_RUNTIME_API is not set: this program runs inside AWS Lambda, or is started by LambdaStreamer.LocalHost.");
    return 2;
}

// :: Step 1: What must be set before the first socket, the first allocation of size and the first TLS handshake
if (environment(InlineCompletions) is null)
{
    // What follows a socket's readiness runs on the thread that saw it, so nothing behind it may block (docs/decisions/5).
    Environment.SetEnvironmentVariable(InlineCompletions, "1");
}

MemoryLimit.Apply(environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
if (TrustStore.Applies(environment) && !TrustStore.Use(AppContext.BaseDirectory))
{
    await Console.Error.WriteLineAsync(
        $"{TrustStore.FileName} is not beside the function; the system's certificates are used, which takes longer.");
}

using var shutdown = new CancellationTokenSource();
using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// Ctrl-C in a terminal reaches the function as well as the local twin that started it.
using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

try
{
    // :: Step 2: The configuration, all of it or an init error that names everything wrong with it
    using var runtime = new RuntimeApiClient(runtimeApi);
    var errors = new List<string>();
    var settings = Settings.FromEnvironment(environment, errors);
    var credentials = CredentialSource.FromEnvironment(environment, TimeProvider.System, errors);
    var concurrency = Concurrency.FromEnvironment(environment, errors);
    if (settings is null || credentials is null || errors.Count > 0)
    {
        var message = string.Join(" ", errors);
        await Console.Error.WriteLineAsync(message);
        await runtime.ReportInitErrorAsync(new FunctionError("Function.ConfigurationInvalid", message), shutdown.Token);
        return 1;
    }

    // :: Step 3: The data path, back to front
    using var endpoint = new SageMakerClient(settings.SageMaker, credentials, TimeProvider.System);
    var log = new FunctionLog(settings.LogLevel, settings.LogFormat, Console.Error, TimeProvider.System);
    var metrics = settings.MetricsNamespace is { } metricsNamespace ? new MetricsLog(metricsNamespace, Console.Out) : null;
    using var traces = TraceDaemon.Open(environment("AWS_XRAY_DAEMON_ADDRESS"), settings.SageMaker.Region);
    var recorder = new RequestRecorder(log, metrics, traces, TimeProvider.System);
    var gate = new KeyGate(settings.Keys, TimeProvider.System);
    var relay = new Relay(endpoint, settings, TimeProvider.System, log);
    var running = new RunningAnswers();
    var generate = new GenerateSurface(settings, relay, running);
    var openAI = new OpenAISurface(settings, relay, running, TimeProvider.System);
    var cancel = new CancelSurface(running);
    RuntimeApiClient[] clients = [runtime, .. Enumerable.Range(1, concurrency - 1).Select(_ => new RuntimeApiClient(runtimeApi))];
    var loops = clients.Select(
        client => new InvocationLoop(
            client,
            new InvocationHandler(client, recorder, gate, settings.Cors, generate, openAI, cancel, settings.IsSamLocal).HandleAsync,
            log));

    // :: Step 4: The endpoint's connection while init lasts, then invocations, as many at once as Lambda wants
    await endpoint.ConnectAsync(shutdown.Token);
    await new InvocationLoops(loops, TimeProvider.System).RunAsync(shutdown.Token);
    return 0;
}
catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
{
    return 0;
}
catch (RuntimeApiException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    shutdown.Cancel();
}
