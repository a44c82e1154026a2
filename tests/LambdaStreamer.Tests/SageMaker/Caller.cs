using System.Text;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>A client that calls a scripted server: fixed keys, a clock of its own.</summary>
internal sealed class Caller : IDisposable
{
    public const string StreamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n"
        + "x-amzn-RequestId: 3f1c7f4e-0000-4000-8000-000000000001\r\nX-Amzn-SageMaker-Content-Type: text/event-stream\r\n"
        + "x-Amzn-Invoked-Production-Variant: AllTraffic\r\nX-Amzn-SageMaker-Custom-Attributes: c=1\r\n\r\n";

    public const string WholeStream = StreamHead + "5\r\nhello\r\n0\r\n\r\n";

    private readonly SageMakerClient _client;
    private readonly List<EndpointCall> _calls = [];

    public Caller(ScriptedServer server, Func<SageMakerOptions, SageMakerOptions>? change = null, CredentialSource? credentials = null)
        : this(server.Address, change, credentials)
    {
    }

    public Caller(Uri address, Func<SageMakerOptions, SageMakerOptions>? change = null, CredentialSource? credentials = null)
    {
        var options = new SageMakerOptions { Endpoint = address, Region = "us-east-1", ConnectTimeout = TimeSpan.FromSeconds(30) };
        credentials ??= new EnvironmentCredentials(new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
        _client = new SageMakerClient(change is null ? options : change(options), credentials, Clock);
    }

    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <summary>What is left to the process for repeats.</summary>
    public int BudgetTokens => _client.Budget.Tokens;

    public static EndpointRequest Request { get; } =
        new() { EndpointName = "my-endpoint", Body = Encoding.UTF8.GetBytes("{\"inputs\":\"hi\"}") };

    public Task ConnectAsync() => _client.ConnectAsync(TestContext.Current.CancellationToken).WaitAsync(ScriptedServer.Patience);

    /// <summary>A call that has not been opened; it ends with the caller.</summary>
    public EndpointCall Begin(EndpointRequest? request = null)
    {
        var call = _client.Begin(request ?? Request);
        _calls.Add(call);
        return call;
    }

    /// <summary>A call of its own, opened.</summary>
    public Task<EndpointResponse> InvokeAsync(EndpointRequest? request = null, CancellationToken? cancellationToken = null) =>
        OpenAsync(Begin(request), cancellationToken);

    public static Task<EndpointResponse> OpenAsync(EndpointCall call, CancellationToken? cancellationToken = null) =>
        call.OpenAsync(cancellationToken ?? TestContext.Current.CancellationToken).WaitAsync(ScriptedServer.Patience);

    public static async Task<SageMakerFailure> FailureAsync(EndpointCall call) =>
        (await Assert.ThrowsAsync<SageMakerException>(() => OpenAsync(call))).Failure;

    public Task<SageMakerFailure> FailureAsync(EndpointRequest? request = null) => FailureAsync(Begin(request));

    /// <summary>Lets the pause before the given retry pass as soon as it is waited for.</summary>
    public async Task PauseAsync(int retry)
    {
        // 25 to 100 ms before the first, 50 to 200 ms before the second.
        await Clock.TimerSetAsync(TimeSpan.FromMilliseconds(25 << (retry - 1)), TimeSpan.FromMilliseconds(100 << (retry - 1)));
        Clock.Advance(TimeSpan.FromMilliseconds(100 << (retry - 1)));
    }

    /// <summary>The body to its end, as text of one character a byte.</summary>
    public static async Task<string> ReadToEndAsync(EndpointResponse response)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (await ReadAsync(response, buffer) is var read and > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    /// <summary>One read that a test is sure to get.</summary>
    public static Task<int> ReadAsync(EndpointResponse response, Memory<byte> buffer) =>
        response.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedServer.Patience);

    public void Dispose()
    {
        _calls.ForEach(call => call.Dispose());
        _client.Dispose();
    }
}
