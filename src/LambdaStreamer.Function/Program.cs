using System.Runtime.InteropServices;
using LambdaStreamer;
using LambdaStreamer.Generate;
using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;

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

// Lambda kills the process 500 ms after SIGTERM.
var shutdownGrace = TimeSpan.FromMilliseconds(400);
using var shutdown = new CancellationTokenSource();
var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    shutdown.Cancel();
    stopped.TrySetResult();
});

try
{
    // :: Step 2: The configuration, all of it or an init error that names everything wrong with it
    using var runtime = new RuntimeApiClient(runtimeApi);
    var errors = new List<string>();
    var settings = Settings.FromEnvironment(environment, errors);
    var credentials = CredentialSource.FromEnvironment(environment, TimeProvider.System, errors);
    if (settings is null || credentials is null)
    {
        var message = string.Join(" ", errors);
        await Console.Error.WriteLineAsync(message);
        await runtime.ReportInitErrorAsync(new FunctionError("Function.ConfigurationInvalid", message), shutdown.Token);
        return 1;
    }

    // :: Step 3: The data path, back to front
    using var endpoint = new SageMakerClient(settings.SageMaker, credentials, TimeProvider.System);
    var relay = new Relay(endpoint);
    var generate = new GenerateSurface(settings, relay);
    var handler = new InvocationHandler(runtime, generate);
    var loop = new InvocationLoop(runtime, handler.HandleAsync);

    // :: Step 4: The endpoint's connection while init lasts, then one invocation after the other
    await endpoint.ConnectAsync(shutdown.Token);
    var running = loop.RunAsync(shutdown.Token);
    await Task.WhenAny(running, stopped.Task);
    if (!running.IsCompleted)
    {
        // A running answer may end; a client that does not take it any more must not keep the process.
        await Task.WhenAny(running, Task.Delay(shutdownGrace));
        return 0;
    }

    await running;
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
