using System.Text;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class PacingTests
{
    private static TwinCall Call { get; } = TwinCall.Json(
        """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":3},"stream":true}""");

    [Fact]
    public async Task Tokens_ComeWhenTheirTimeHasCome()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(options => options with
        {
            TimeProvider = clock,
            FirstTokenDelay = TimeSpan.FromMilliseconds(700),
            TokenDelay = TimeSpan.FromMilliseconds(30),
        });
        await using var connection = await Call.OpenAsync(twin);

        // The headers do not wait for the first token.
        Assert.Equal(200, (await connection.ReadHeadAsync()).Status);
        await AdvanceAsync(clock, 700);
        Assert.Contains("\"index\":1,", await TextAsync(connection), StringComparison.Ordinal);
        await AdvanceAsync(clock, 30);
        Assert.Contains("\"index\":2,", await TextAsync(connection), StringComparison.Ordinal);
        await AdvanceAsync(clock, 30);
        Assert.Contains("\"index\":3,", await TextAsync(connection), StringComparison.Ordinal);
        Assert.Null(await connection.ReadChunkAsync());
    }

    [Fact]
    public async Task FifteenSecondsOfSilence_BringAComment()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(
            options => options with { TimeProvider = clock, FirstTokenDelay = TimeSpan.FromSeconds(40) });
        await using var connection = await Call.OpenAsync(twin);
        await connection.ReadHeadAsync();
        await AdvanceAsync(clock, 15_000);
        Assert.Contains(":\n\n", await TextAsync(connection), StringComparison.Ordinal);
        await AdvanceAsync(clock, 15_000);
        Assert.Contains(":\n\n", await TextAsync(connection), StringComparison.Ordinal);
        await AdvanceAsync(clock, 10_000);
        Assert.Contains("\"index\":1,", await TextAsync(connection), StringComparison.Ordinal);
        var rest = await connection.ReadToEndOfBodyAsync();
        Assert.Equal(2, rest.Count);
        Assert.Equal(3, twin.Requests[0].TokensSent);
    }

    [Fact]
    public async Task BufferedAnswer_TakesAsLongAsItsTokens()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(options => options with
        {
            TimeProvider = clock,
            FirstTokenDelay = TimeSpan.FromMilliseconds(700),
            TokenDelay = TimeSpan.FromMilliseconds(30),
        });
        var call = TwinCall.Json("""{"inputs":"How do I build a website?","parameters":{"max_new_tokens":3}}""") with { Streams = false };
        await using var connection = await call.OpenAsync(twin);
        await AdvanceAsync(clock, 760);
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task ClientThatGoes_StopsTheGeneration()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
        await using var twin = await TwinCall.StartTwinAsync(
            options => options with { TimeProvider = clock, TokenDelay = TimeSpan.FromSeconds(1) });
        await using (var connection = await Call.OpenAsync(twin))
        {
            await connection.ReadHeadAsync();
            Assert.NotNull(await connection.ReadChunkAsync());
            await clock.TimerSetAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        Assert.Equal(InvocationEnd.ClientGone, await twin.Requests[0].End.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, twin.Requests[0].TokensSent);
    }

    [Fact]
    public async Task TwinThatStops_BreaksOff()
    {
        var twin = await TwinCall.StartTwinAsync();
        await using var connection = await (Call with { Fault = "stall@1" }).OpenAsync(twin);
        await connection.ReadHeadAsync();
        Assert.NotNull(await connection.ReadChunkAsync());
        await twin.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(connection.ReadChunkAsync);
        Assert.Equal(InvocationEnd.TwinStopped, await twin.Requests[0].End);
    }

    private static async Task AdvanceAsync(ManualTimeProvider clock, int milliseconds)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        await clock.TimerSetAsync(time, TestContext.Current.CancellationToken);
        clock.Advance(time);
    }

    private static async Task<string> TextAsync(WireConnection connection) =>
        Encoding.UTF8.GetString(await connection.ReadChunkAsync() ?? []);
}
