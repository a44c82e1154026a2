using System.Text;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>A twin without processes, one scripted runtime at its Runtime API, and an HTTP client at its Function URL.</summary>
internal sealed class TwinUnderTest : IAsyncDisposable
{
    private readonly List<ScriptedRuntime> _runtimes = [];

    private TwinUnderTest(LambdaTwin twin)
    {
        Twin = twin;
        Client = new HttpClient { BaseAddress = twin.FunctionUrl, Timeout = TimeSpan.FromSeconds(20) };
        Runtime = Connect();
    }

    public LambdaTwin Twin { get; }

    public HttpClient Client { get; }

    public ScriptedRuntime Runtime { get; }

    public InvocationRecord Record => Twin.Invocations[^1];

    public IEnumerable<ViolationKind> ViolationKinds => Twin.Violations.Select(violation => violation.Kind);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TwinUnderTest> StartAsync(LambdaTwinOptions? options = null) =>
        new(await LambdaTwin.StartAsync(options ?? new LambdaTwinOptions(), Token));

    /// <summary>Another connection to the Runtime API.</summary>
    public ScriptedRuntime Connect()
    {
        var runtime = new ScriptedRuntime(Twin.RuntimeApiAddress!);
        _runtimes.Add(runtime);
        return runtime;
    }

    /// <summary>Sends a request and has the runtime take its event. The call completes when the response head is there.</summary>
    public async Task<Task<HttpResponseMessage>> CallAsync(HttpRequestMessage? request = null)
    {
        request ??= new HttpRequestMessage(HttpMethod.Get, "/");
        var call = Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await Runtime.NextAsync();
        return call;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var runtime in _runtimes)
        {
            runtime.Dispose();
        }

        Client.Dispose();
        await Twin.DisposeAsync();
    }

    /// <summary>All bytes that can be read, and whether the body ended as it should.</summary>
    public static async Task<(string Text, bool IsWhole)> ReadBodyAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(Token);
            while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }

            return (text.ToString(), true);
        }
        catch (HttpIOException)
        {
            return (text.ToString(), false);
        }
    }

    /// <summary>Waits for what another thread is about to do.</summary>
    public static async Task EventuallyAsync(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "the condition did not come true");
            await poll.WaitForNextTickAsync(Token);
        }
    }
}
