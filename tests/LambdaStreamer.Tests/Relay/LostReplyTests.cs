using LambdaStreamer.FunctionUrl;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;
using LambdaStreamer.Tests.EndToEnd;
using LambdaStreamer.Tests.RuntimeApi;

namespace LambdaStreamer.Tests.Relay;

public class LostReplyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswerThatLambdaTakesNoMore_EndsAsLostAndClosesTheEndpointsConnection()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            try
            {
                for (var id = 1; ; id++)
                {
                    await exchange.SendAsync(Parts.OfToken(id, " t"));
                    await Task.Yield();
                }
            }
            finally
            {
                closed.SetResult();
            }
        });
        using var peer = new ScriptedPeer();
        using var client = new RuntimeApiClient(peer.HostAndPort);
        var invocation = new Invocation { RequestId = "r", Deadline = DateTimeOffset.MaxValue, Event = default };
        using var response = client.OpenResponse(invocation);
        using var answer = Answer.Create(MediaType.Text, includeDetails: false);
        using var running = new RunningAnswers().Enter("r", CancellationToken.None);
        var errors = new List<string>();
        var settings = Settings.FromEnvironment(
            variable => variable switch
            {
                "SAGEMAKER_ENDPOINT_NAME" => "endpoint",
                "AWS_REGION" => "us-east-1",
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME" => sageMaker.Url,
                _ => null,
            },
            errors);
        var credentials = CredentialSource.FromEnvironment(
            static variable => variable is "AWS_ACCESS_KEY_ID" or "AWS_SECRET_ACCESS_KEY" ? "any" : null, TimeProvider.System, errors);
        Assert.Empty(errors);
        using var endpoint = new SageMakerClient(settings!.SageMaker, credentials!, TimeProvider.System);
        var log = new FunctionLog(LogLevel.Info, LogFormat.Text, TextWriter.Null, TimeProvider.System);
        var relay = new LambdaStreamer.Relay.Relay(endpoint, settings, TimeProvider.System, log);
        var request = new EndpointRequest { EndpointName = "endpoint", Body = "{}"u8.ToArray() };

        var record = new RequestRecord("r", TimeProvider.System);
        var relaying = relay.RunAsync(request, new AnswerRules(), answer, new HttpReply(response, record), running).AsTask();
        using (var connection = await peer.AcceptAsync())
        {
            await connection.ReadUntilAsync(" t");
            await connection.SendAsync("HTTP/1.1 410 Gone\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }

        var outcome = await relaying.WaitAsync(Tool.Patience, Cancellation);
        Assert.Equal(Ending.ReplyLost, outcome.Ending);
        Assert.NotNull(outcome.Lost);
        Assert.True(outcome.Usage.CountedTokens > 0);
        Assert.Same(outcome, record.Outcome);
        await closed.Task.WaitAsync(Tool.Patience, Cancellation);
    }
}
