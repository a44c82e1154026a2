using System.Collections.Concurrent;
using System.Net;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.RuntimeApi;

/// <summary>The rules of the Runtime API for a runtime that holds two invocations at once.</summary>
public class ConcurrentRuntimeTests
{
    private const string Accepted = "HTTP/1.1 202 Accepted";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoPolls_GetACallEachAndMayBeAnsweredInAnyOrder()
    {
        await using var twin = await StartAsync();
        var other = twin.Connect();
        await twin.Runtime.BeginNextAsync();
        await other.BeginNextAsync();
        var calls = new[] { twin.Client.GetStringAsync("/a", Token), twin.Client.GetStringAsync("/b", Token) };
        await twin.Runtime.TakeEventAsync();
        await other.TakeEventAsync();
        Assert.NotEqual(twin.Runtime.RequestId, other.RequestId);
        Assert.Equal(Accepted, (await other.RespondAsync(PathOf(other))).StatusLine);
        Assert.Equal(Accepted, (await twin.Runtime.RespondAsync(PathOf(twin.Runtime))).StatusLine);
        Assert.Equal(["/a", "/b"], await Task.WhenAll(calls));
        Assert.Empty(twin.Twin.Violations);
    }

    [Fact]
    public async Task Next_HasEveryHeaderAndLeavesEmptyWhatHasNoValue()
    {
        await using var twin = await StartAsync();
        var call = await twin.CallAsync();
        Assert.Equal("", twin.Runtime.Event["Lambda-Runtime-Client-Context"]);
        Assert.Equal("", twin.Runtime.Event["Lambda-Runtime-Aws-Tenant-Id"]);
        Assert.NotEqual("", twin.Runtime.Event["Lambda-Runtime-Trace-Id"]);
        Assert.True(Guid.TryParse(twin.Runtime.Event["Lambda-Runtime-Invocation-Id"], out _));
        await twin.Runtime.RespondAsync("x");
        (await call).Dispose();
    }

    [Fact]
    public async Task ThirdPoll_EndsTheOldestWith403()
    {
        await using var twin = await StartAsync();
        var (second, third) = (twin.Connect(), twin.Connect());
        await twin.Runtime.BeginNextAsync();
        await second.BeginNextAsync();
        await third.BeginNextAsync();

        // Whichever came first is the oldest.
        var refusals = new[] { twin.Runtime.ReceiveAsync(), second.ReceiveAsync(), third.ReceiveAsync() };
        var refused = await await Task.WhenAny(refusals);
        Assert.Equal("HTTP/1.1 403 Forbidden", refused.StatusLine);
        Assert.Equal([ViolationKind.InvalidState], twin.ViolationKinds);
    }

    [Fact]
    public async Task PollBeyondTheInvocationsHeld_Is403()
    {
        await using var twin = await StartAsync();
        var (second, third) = (twin.Connect(), twin.Connect());
        var first = await twin.CallAsync();
        var other = twin.Client.GetAsync("/", Token);
        await second.NextAsync();
        var refused = await third.NextAsync();
        Assert.Equal("HTTP/1.1 403 Forbidden", refused.StatusLine);
        Assert.Equal("""{"errorMessage":"GET /next while Invoking","errorType":"InvalidStateTransition"}""", refused.Body);
        await twin.Runtime.RespondAsync("x");
        await second.RespondAsync("x");
        (await first).Dispose();
        (await other).Dispose();
    }

    [Fact]
    public async Task IdOfAnInvocationThatIsOver_Is400WhileTheOtherStillRuns()
    {
        var log = new ConcurrentQueue<string>();
        await using var twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { MaxConcurrency = 2, Log = log.Enqueue });
        var other = twin.Connect();
        var first = await twin.CallAsync();
        var second = twin.Client.GetAsync("/", Token);
        await other.NextAsync();
        var over = twin.Runtime.RequestId;
        await twin.Runtime.RespondAsync("x");
        (await first).Dispose();
        await twin.Runtime.BeginNextAsync();
        await TwinUnderTest.EventuallyAsync(() => log.Any(line => line.StartsWith($"REPORT RequestId: {over}", StringComparison.Ordinal)));
        var answer = await other.PostAsync($"invocation/{over}/response", "", "x");
        Assert.Equal("HTTP/1.1 400 Bad Request", answer.StatusLine);
        Assert.Equal("""{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}""", answer.Body);
        Assert.Equal(Accepted, (await other.RespondAsync("x")).StatusLine);
        (await second).Dispose();
    }

    [Fact]
    public async Task DeliveryIdOfTheOtherInvocation_Is410()
    {
        await using var twin = await StartAsync();
        var other = twin.Connect();
        var first = await twin.CallAsync();
        var second = twin.Client.GetAsync("/", Token);
        await other.NextAsync();
        var answer = await other.RespondAsync(
            "x", $"Lambda-Runtime-Invocation-Id: {twin.Runtime.Event["Lambda-Runtime-Invocation-Id"]}\r\n");
        Assert.Equal("HTTP/1.1 410 Gone", answer.StatusLine);
        Assert.Equal([ViolationKind.StaleInvocationId], twin.ViolationKinds);
        Assert.Equal(Accepted, (await other.RespondAsync("x")).StatusLine);
        Assert.Equal(Accepted, (await twin.Runtime.RespondAsync("x")).StatusLine);
        (await first).Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task CallBeyondTheConcurrency_Is429()
    {
        await using var twin = await StartAsync();
        var other = twin.Connect();
        var first = await twin.CallAsync();
        var second = twin.Client.GetAsync("/", Token);
        await other.NextAsync();
        using (var third = await twin.Client.GetAsync("/", Token))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        }

        await twin.Runtime.RespondAsync("x");
        await other.RespondAsync("x");
        (await first).Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task PollThatGoesAway_LeavesTheEventToTheOther()
    {
        await using var twin = await StartAsync();
        var other = twin.Connect();
        await twin.Runtime.BeginNextAsync();
        twin.Runtime.Dispose();
        var call = twin.Client.GetStringAsync("/", Token);
        await other.NextAsync();
        Assert.Equal(Accepted, (await other.RespondAsync("x")).StatusLine);
        Assert.Equal("x", await call);
    }

    [Fact]
    public async Task TimeoutOfOne_LeavesTheOtherAndMakesItsAnswerTooLate()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var twin = await TwinUnderTest.StartAsync(
            new LambdaTwinOptions { MaxConcurrency = 2, TimeProvider = time, FunctionTimeout = TimeSpan.FromSeconds(7) });
        var other = twin.Connect();
        var first = await twin.CallAsync();
        await time.TimerSetAsync(TimeSpan.FromSeconds(7), Token);
        time.Advance(TimeSpan.FromSeconds(3));
        var second = twin.Client.GetStringAsync("/", Token);
        await other.NextAsync();
        await time.TimerSetAsync(TimeSpan.FromSeconds(7), Token);
        time.Advance(TimeSpan.FromSeconds(4));
        using (var timedOut = await first)
        {
            Assert.Equal(HttpStatusCode.BadGateway, timedOut.StatusCode);
        }

        Assert.Equal("Sandbox.Timedout", twin.Twin.Invocations[0].Outcome!.ErrorType);
        Assert.Equal(Accepted, (await other.RespondAsync("x")).StatusLine);
        Assert.Equal("x", await second);
        Assert.Equal("HTTP/1.1 410 Gone", (await twin.Runtime.RespondAsync("late")).StatusLine);
    }

    private static Task<TwinUnderTest> StartAsync() => TwinUnderTest.StartAsync(new LambdaTwinOptions { MaxConcurrency = 2 });

    private static string PathOf(ScriptedRuntime runtime) =>
        runtime.Event.Body.Contains("\"rawPath\":\"/a\"", StringComparison.Ordinal) ? "/a" : "/b";
}
