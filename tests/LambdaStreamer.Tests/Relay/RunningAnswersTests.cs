using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.Relay;

public class RunningAnswersTests
{
    [Fact]
    public async Task Cancel_ReachesTheNamedAnswerAloneAndMayBeRepeated()
    {
        var answers = new RunningAnswers();
        using var one = answers.Enter("one", CancellationToken.None);
        using var two = answers.Enter("two", CancellationToken.None);
        Assert.True(await answers.TryCancelAsync("one"));
        Assert.True(await answers.TryCancelAsync("one"));
        Assert.True(one is { WasCancelled: true, Token.IsCancellationRequested: true });
        Assert.True(two is { WasCancelled: false, Token.IsCancellationRequested: false });
    }

    [Fact]
    public async Task AnswerThatHasEnded_IsNotFound()
    {
        var answers = new RunningAnswers();
        answers.Enter("one", CancellationToken.None).Dispose();
        Assert.False(await answers.TryCancelAsync("one"));
    }

    [Fact]
    public void Shutdown_EndsTheAnswerWithoutACancelCall()
    {
        using var shutdown = new CancellationTokenSource();
        using var answer = new RunningAnswers().Enter("one", shutdown.Token);
        shutdown.Cancel();
        Assert.True(answer is { WasCancelled: false, Token.IsCancellationRequested: true });
    }
}
