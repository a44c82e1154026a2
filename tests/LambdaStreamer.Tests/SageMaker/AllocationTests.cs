using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>
/// Ceilings on what a call allocates. They count the whole process, so no other test may run beside them.
/// </summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    private const int Reads = 2000;
    private static readonly byte[] Chunk = "40\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"u8.ToArray();

    [Fact]
    public async Task ReadThatWaits_AllocatesNoMoreThanHttpClientDoes()
    {
        // A state machine is an object in a debug build, whatever the method's builder.
        var build = typeof(SageMakerClient).Assembly.GetCustomAttribute<DebuggableAttribute>();
        Assert.SkipWhen(build is { IsJITOptimizerDisabled: true }, "Counts what an optimized build allocates: run with -c Release.");

        await using var server = new ScriptedServer();
        using var cancel = new CancellationTokenSource();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var message = new HttpRequestMessage(HttpMethod.Get, server.Address);
        var exchange = http.SendAsync(message, cancel.Token);
        var httpPeer = await server.AnswerAsync(Caller.StreamHead);
        using var httpResponse = await exchange;
        var httpBody = await httpResponse.Content.ReadAsStreamAsync(cancel.Token);

        using var client = Client(server.Address);
        using var call = client.Begin(Caller.Request);
        var opening = call.OpenAsync(cancel.Token);
        var peer = await server.AnswerAsync(Caller.StreamHead);
        using var response = await opening;

        var httpClient = await AwayFromTheTest(() => AllocatedPerReadAsync(buffer => httpBody.ReadAsync(buffer, cancel.Token), httpPeer));
        var own = await AwayFromTheTest(() => AllocatedPerReadAsync(Read, peer));
        TestContext.Current.TestOutputHelper?.WriteLine($"{own:F1} bytes a read, HttpClient's own share {httpClient:F1}");
        Assert.InRange(own - httpClient, -1000, 8);

        ValueTask<int> Read(Memory<byte> buffer)
        {
            call.TokenArrived();
            return response.ReadAsync(buffer, cancel.Token);
        }
    }

    [Fact]
    public async Task WarmRequest_AllocatesLittle()
    {
        const int Requests = 200;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using var client = Client(new Uri($"http://127.0.0.1:{port}"));
        var buffer = new byte[4096];
        var received = new byte[64 * 1024];
        var reply = Encoding.ASCII.GetBytes(Caller.WholeStream);
        Socket? peer = null;

        async Task RequestAsync()
        {
            using var call = client.Begin(Caller.Request);
            var opening = call.OpenAsync(TestContext.Current.CancellationToken);
            peer ??= await listener.AcceptAsync();
            var filled = 0;
            while (!received.AsSpan(0, filled).EndsWith("{\"inputs\":\"hi\"}"u8))
            {
                filled += await peer.ReceiveAsync(received.AsMemory(filled));
            }

            await peer.SendAsync(reply.AsMemory());
            using var response = await opening;
            while (await response.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }

        for (var warm = 0; warm < Requests; warm++)
        {
            await RequestAsync();
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var measured = 0; measured < Requests; measured++)
        {
            await RequestAsync();
        }

        var perRequest = (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;
        peer?.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine($"{perRequest} bytes a request, the peer's share included");
        Assert.InRange(perRequest, 0, 16 * 1024);
    }

    // On the system's clock: a test's own allocates when a timer is moved.
    private static SageMakerClient Client(Uri address) => new(
        new SageMakerOptions { Endpoint = address, Region = "us-east-1" },
        new EnvironmentCredentials(new AwsCredentials("AKIDEXAMPLE", "secret", "token")),
        TimeProvider.System);

    /// <summary>Without the test's synchronization and execution contexts, which allocate for each wait.</summary>
    private static Task<double> AwayFromTheTest(Func<Task<double>> measure)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(measure);
        }
    }

    private static async Task<double> AllocatedPerReadAsync(Func<Memory<byte>, ValueTask<int>> read, ScriptedServer.Connection peer)
    {
        var buffer = new byte[4096];
        var before = 0L;
        var total = 0;
        for (var count = -Reads; count < Reads; count++)
        {
            // The first half warms up. Each read is under way before its bytes are sent, so each one waits.
            before = count == 0 ? GC.GetTotalAllocatedBytes(precise: true) : before;
            var waiting = read(buffer);
            peer.Write(Chunk);
            total += await waiting;
        }

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(2 * Reads * 64, total);
        return allocated / (double)Reads;
    }
}
