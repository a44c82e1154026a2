using System.Net.Sockets;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>
/// The twin, running: SageMaker (or the way to a real endpoint), the Lambda service, the function's processes. Owns all of them; disposing
/// ends all.
/// </summary>
public sealed class RunningHost : IAsyncDisposable
{
    /// <summary>What SDKs must be given to call the twin's SageMaker; a request that anything else signs is refused.</summary>
    public const string AccessKeyId = "AKIDLOCALHOST";

    public const string SecretAccessKey = "local-secret";

    public const string TwinRegion = "us-east-1";

    private readonly Stack<IAsyncDisposable> _parts = new();

    private RunningHost()
    {
    }

    public LambdaTwin Lambda { get; private set; } = null!;

    /// <summary>Null with a real endpoint.</summary>
    public SageMakerTwin? SageMaker { get; private set; }

    /// <exception cref="UsageException">A port is taken, a file missing, an option wrong.</exception>
    public static async Task<RunningHost> StartAsync(HostOptions options, CancellationToken cancellationToken)
    {
        var host = new RunningHost();
        try
        {
            var binary = FunctionBinary.Find(options.NativeBinary);
            var environment = options.RealEndpointName is { } name
                ? await host.ReachRealEndpointAsync(name, options, cancellationToken)
                : await host.StartSageMakerAsync(options, cancellationToken);
            await host.StartLambdaAsync(options, binary, environment, cancellationToken);
            return host;
        }
        catch (Exception e)
        {
            await host.DisposeAsync();
            throw e is IOException or SocketException or ArgumentException or UnauthorizedAccessException
                ? new UsageException(e.Message, e)
                : e;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private async Task<Dictionary<string, string>> StartSageMakerAsync(HostOptions options, CancellationToken cancellationToken)
    {
        var sageMakerOptions = new SageMakerTwinOptions
        {
            Port = options.SageMakerPort,
            AccessKeyId = AccessKeyId,
            SecretAccessKey = SecretAccessKey,
            Region = TwinRegion,
            DefaultModelId = options.ModelId,
            ServesWithVllm = options.ServesWithVllm,
            FirstTokenDelay = options.FirstTokenDelay,
            TokenDelay = options.TokenDelay,
            Seed = options.Seed,
            DefaultFault = options.Fault,
            ReplayFile = options.ReplayFile,
            Upstream = options.Upstream,
        };
        SageMaker = await SageMakerTwin.StartAsync(sageMakerOptions, cancellationToken);
        _parts.Push(SageMaker);
        var environment = new Dictionary<string, string>
        {
            ["SAGEMAKER_ENDPOINT_NAME"] = options.ModelId,
            ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = SageMaker.Url.ToString(),
            ["AWS_REGION"] = TwinRegion,
            ["AWS_ACCESS_KEY_ID"] = AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = SecretAccessKey,
        };

        // What an upstream is, and which forms it takes, is not known here.
        if (options.Upstream is null)
        {
            environment["MODEL_ID"] = options.ModelId;
            if (options.ServesWithVllm)
            {
                environment["ENDPOINT_API"] = "openai";
            }
        }

        return environment;
    }

    private async Task<Dictionary<string, string>> ReachRealEndpointAsync(
        string name, HostOptions options, CancellationToken cancellationToken)
    {
        var (credentials, region) = await RealEndpoint.ResolveAsync(options.Profile, options.Region);
        var server = await CredentialsServer.StartAsync(credentials, cancellationToken);
        _parts.Push(server);
        var environment = new Dictionary<string, string>
        {
            ["SAGEMAKER_ENDPOINT_NAME"] = name,
            ["AWS_REGION"] = region,
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.Url,
            ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = server.Token,
        };
        if (options.InferenceComponentName is { } component)
        {
            environment["SAGEMAKER_INFERENCE_COMPONENT_NAME"] = component;
        }

        // How this machine reaches AWS is not the twin's to decide: its own settings go along.
        string[] passedOn =
        [
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
            "SSL_CERT_FILE", "SSL_CERT_DIR", "TRUST_STORE",
        ];
        foreach (var variable in passedOn)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            {
                environment[variable] = value;
            }
        }

        return environment;
    }

    private async Task StartLambdaAsync(
        HostOptions options, FunctionBinary binary, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        Lambda = await LambdaTwin.StartAsync(
            new LambdaTwinOptions
            {
                FunctionUrlPort = options.FunctionUrlPort,
                LambdaApiPort = options.LambdaApiPort,
                Command = binary.Command,
                Arguments = binary.Arguments,
                Environment = environment,
                MaxProcesses = options.MaxProcesses,
                MaxConcurrency = options.Concurrency,
                MemorySizeMegabytes = options.MemorySizeMegabytes,
                FunctionTimeout = options.FunctionTimeout,
                Log = options.Log,
            },
            cancellationToken);
        _parts.Push(Lambda);
    }
}
