using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>AWS X-Ray Developer Guide, "Segment documents", as the daemon's UDP port gets them.</summary>
public class TraceTests
{
    private const string Root = "1-5759e988-bd862e3fe1be46a994272793";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SampledRequest_IsToldToTheDaemonAndGoesOnBelowItsSubsegment()
    {
        using var daemon = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var header = "";
        await using var sageMaker = Answering(text => header = text);
        await using var function = await StartAsync(sageMaker, daemon);
        using var response = await AskAsync(function, $"Root={Root};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var datagram = Encoding.UTF8.GetString((await daemon.ReceiveAsync(Cancellation).AsTask().WaitAsync(Tool.Patience, Cancellation)).Buffer);
        const string Begin = "{\"format\": \"json\", \"version\": 1}\n";
        Assert.StartsWith(Begin, datagram, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(datagram[Begin.Length..]);
        var subsegment = json.RootElement;
        var id = subsegment.GetProperty("id").GetString();
        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Equal((Root, "53995c3f42cd8ad8", "subsegment"), (Text(subsegment, "trace_id"), Text(subsegment, "parent_id"), Text(subsegment, "type")));
        Assert.Equal(("SageMakerRuntime", "aws"), (Text(subsegment, "name"), Text(subsegment, "namespace")));
        Assert.Equal($"Root={Root};Parent={id};Sampled=1", header);
        var (began, ended) = (subsegment.GetProperty("start_time").GetDouble(), subsegment.GetProperty("end_time").GetDouble());
        Assert.InRange(began, DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), ended);
        Assert.False(subsegment.GetProperty("fault").GetBoolean());
        var aws = subsegment.GetProperty("aws");
        Assert.Equal(("InvokeEndpointWithResponseStream", "us-east-1", "r-1"), (Text(aws, "operation"), Text(aws, "region"), Text(aws, "request_id")));
        var annotations = subsegment.GetProperty("annotations");
        Assert.Equal("Completed", Text(annotations, "ending"));
        Assert.True(annotations.GetProperty("time_to_first_token_ms").GetDouble() > 0);
    }

    [Theory]
    [InlineData($"Root={Root};Parent=53995c3f42cd8ad8;Sampled=0")]
    [InlineData($"Root={Root};Sampled=1")]
    public async Task RequestThatIsNotSampled_GoesOnAsItCame(string trace)
    {
        using var daemon = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var header = "";
        await using var sageMaker = Answering(text => header = text);
        await using var function = await StartAsync(sageMaker, daemon);
        using var response = await AskAsync(function, trace);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await function.ReportedAsync(response.Headers.GetValues("x-request-id").Single());
        Assert.Equal(trace, header);
        Assert.Equal(0, daemon.Available);
    }

    private static Task<FunctionUnderTest> StartAsync(ScriptedSageMaker sageMaker, UdpClient daemon) =>
        FunctionUnderTest.StartAsync(sageMaker.Url, ("AWS_XRAY_DAEMON_ADDRESS", $"{daemon.Client.LocalEndPoint}"));

    private static ScriptedSageMaker Answering(Action<string> headerSeen) => new(async exchange =>
    {
        const string Name = "x-amzn-trace-id: ";
        var begin = exchange.Request.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        headerSeen(exchange.Request[begin..exchange.Request.IndexOf('\r', begin)]);
        await exchange.SendHeadAsync();
        await exchange.SendAsync(Parts.OfToken(1, "Hello"));
        await exchange.SendAsync(Parts.OfEnd());
        await exchange.EndAsync();
    });

    private static async Task<HttpResponseMessage> AskAsync(FunctionUnderTest function, string trace)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("""{"inputs":"x"}""") };
        request.Headers.TryAddWithoutValidation("X-Amzn-Trace-Id", trace);
        var response = await function.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync(Cancellation);
        return response;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
