using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Telemetry;

/// <summary>The lines of one request, as literals, on a clock that stands still.</summary>
public sealed class RequestRecorderTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _log = new();
    private readonly StringWriter _metrics = new();

    private static Invocation Invocation => new() { RequestId = "r", Deadline = DateTimeOffset.MaxValue, Event = new byte[100] };

    public void Dispose()
    {
        _log.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData(LogFormat.Text, "WARN r ending=EndpointThrottled side=Endpoint surface=chat status=429 gen_ai.provider.name=aws.sagemaker gen_ai.operation.name=chat gen_ai.request.model=m dialect=chat ttft_ms=40 itl_p50_ms=10.11 itl_p95_ms=10.11 gen_ai.usage.output_tokens=0 duration_ms=50 bytes_in=100 bytes_out=7 cold_start=true errorType=Function.EndpointThrottled errorMessage=\"two  words\"\n")]
    [InlineData(LogFormat.Json, """{"timestamp":"2026-11-29T12:00:00.050Z","level":"WARN","requestId":"r","message":"EndpointThrottled","ending":"EndpointThrottled","side":"Endpoint","surface":"chat","status":429,"gen_ai.provider.name":"aws.sagemaker","gen_ai.operation.name":"chat","gen_ai.request.model":"m","dialect":"chat","ttft_ms":40,"itl_p50_ms":10.11,"itl_p95_ms":10.11,"gen_ai.usage.output_tokens":0,"duration_ms":50,"bytes_in":100,"bytes_out":7,"cold_start":true,"errorType":"Function.EndpointThrottled","errorMessage":"two\n words"}""" + "\n")]
    public async Task FailedAnswer_IsOneLineOfEachKind(LogFormat format, string expected)
    {
        var recorder = Recorder(format);
        var record = recorder.Begin(Invocation);
        record.Surface = Surface.Chat;
        record.Model = new ServedModel { Id = "m", EndpointName = "e" };
        record.Status = 429;
        record.BytesOut = 7;
        record.Asking();
        foreach (var wait in new[] { 40, 10 })
        {
            _clock.Advance(TimeSpan.FromMilliseconds(wait));
            record.Arrived();
            record.TokensArrived();
        }

        record.Answered(new RelayOutcome(
            Ending.EndpointThrottled, new RelayError(Ending.EndpointThrottled, "m") { Detail = "two\n words" }, default, Repeats.None)
        {
            Dialect = Dialect.Chat,
        });
        recorder.End(record);
        Assert.Equal(expected, _log.ToString());
        var figures = await EmfSchema.AssertValidAsync(Assert.Single(_metrics.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal((40, 1, 1), (figures.GetProperty("TimeToFirstToken").GetDouble(), figures.GetProperty("Failures").GetInt32(), figures.GetProperty("ColdStart").GetInt32()));
    }

    [Fact]
    public async Task Defect_IsAMetricAndLeavesItsLineToTheLoop()
    {
        var recorder = Recorder(LogFormat.Text);
        var record = recorder.Begin(Invocation);
        record.Broke();
        recorder.End(record);
        Assert.Equal("", _log.ToString());
        var figures = await EmfSchema.AssertValidAsync(_metrics.ToString().TrimEnd());
        Assert.Equal(("Defect", 1, 1), (figures.GetProperty("Ending").GetString(), figures.GetProperty("Failures").GetInt32(), figures.GetProperty("Requests").GetInt32()));
        Assert.Equal(("none", "none"), (figures.GetProperty("Model").GetString(), figures.GetProperty("Surface").GetString()));
    }

    [Fact]
    public void ClientsOwnFault_IsToldWithoutTheWordsForTheClient()
    {
        var recorder = Recorder(LogFormat.Text);
        var record = recorder.Begin(Invocation);
        record.Refused(RelayError.BadRequest(404, "There is nothing at /somebody's secret."));
        recorder.End(record);
        Assert.Contains("ending=BadRequest side=Client", _log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _log.ToString() + _metrics, StringComparison.Ordinal);
        Assert.Contains("\"Failures\":0", _metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WholeAnswerThatItsWayOutRefused_EndsAsTheClientWasTold()
    {
        var record = Recorder(LogFormat.Text).Begin(Invocation);
        record.Refused(TooLarge);
        record.Answered(new RelayOutcome(Ending.Completed, null, default, Repeats.None) { EndpointRequestId = "e" });
        Assert.Equal((Ending.AnswerTooLarge, "e"), (record.Ending, record.Outcome?.EndpointRequestId));
    }

    private static RelayError TooLarge => new(Ending.AnswerTooLarge, "too large");

    private RequestRecorder Recorder(LogFormat format) =>
        new(new FunctionLog(LogLevel.Info, format, _log, _clock), new MetricsLog("Tests", _metrics), traces: null, _clock);
}
