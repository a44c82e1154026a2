using System.Collections.Concurrent;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.RuntimeApi;
using LambdaStreamer.LocalHost.SageMaker;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>
/// The native function twice, each taking several calls in one process: before a container of chats (vLLM) and before one of texts (TGI).
/// Faults are asked of the twin's SageMaker request by request. Writes the table when all clients are through.
/// </summary>
public sealed class Bench : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<CellResult>> _rows = [];
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<FunctionUnderTest> _functions = [];
    private Uri? _chatUrl;
    private Uri? _textUrl;
    private int _number;

    /// <summary>Where the container takes OpenAI's forms.</summary>
    public Uri ChatUrl => _chatUrl!;

    /// <summary>Where it takes TGI's.</summary>
    public Uri TextUrl => _textUrl!;

    /// <summary>Keeps the faults of one client apart from another's: the twin counts those of one text.</summary>
    public int NextNumber() => Interlocked.Increment(ref _number);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>In a test, which can be skipped where no function is published.</summary>
    public async Task StartAsync()
    {
        _chatUrl ??= await StartAsync(servesWithVllm: true, ("ENDPOINT_API", "openai"));
        _textUrl ??= await StartAsync(servesWithVllm: false);
    }

    /// <summary>What the functions did that Lambda documents otherwise.</summary>
    internal IEnumerable<Violation> Violations => _functions.SelectMany(static function => function.Lambda.Violations);

    internal void Add(ClientRow client, IReadOnlyList<CellResult> cells) => _rows[client.Name] = cells;

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        if (!_rows.IsEmpty)
        {
            await MatrixTable.WriteAsync(_rows);
        }
    }

    private async Task<Uri> StartAsync(bool servesWithVllm, params (string Name, string Value)[] environment)
    {
        // Before the twin, so that nothing is left to dispose of when the test is skipped.
        _ = NativeBinary.Path;
        var sageMaker = await SageMakerTwin.StartAsync(
            new SageMakerTwinOptions
            {
                AccessKeyId = RunningHost.AccessKeyId,
                SecretAccessKey = RunningHost.SecretAccessKey,
                DefaultModelId = HostOptions.DefaultModelId,
                ServesWithVllm = servesWithVllm,
            },
            TestContext.Current.CancellationToken);
        _parts.Push(sageMaker);
        var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url.ToString(),
            static options => options with { MaxConcurrency = 8 },
            [
                ("MODEL_ID", HostOptions.DefaultModelId),
                ("AWS_ACCESS_KEY_ID", RunningHost.AccessKeyId),
                ("AWS_SECRET_ACCESS_KEY", RunningHost.SecretAccessKey),
                .. environment,
            ]);
        _parts.Push(function);
        _functions.Add(function);
        return function.Lambda.FunctionUrl;
    }
}
