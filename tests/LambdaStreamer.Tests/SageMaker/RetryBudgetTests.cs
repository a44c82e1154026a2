using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

/// <summary>The figures of the AWS SDKs' standard retry mode: 500 tokens, 5 a retry, 10 after a timeout, 1 back for a plain success.</summary>
public class RetryBudgetTests
{
    [Fact]
    public void FullBudget_PaysForAHundredRepeatsOrFiftyAfterConnecting()
    {
        Assert.Equal(100, CountPaid(new RetryBudget(), RetryBudget.Cost));
        Assert.Equal(50, CountPaid(new RetryBudget(), RetryBudget.CostAfterConnect));
    }

    [Fact]
    public void TooLittle_IsLeftAsItIs()
    {
        var budget = new RetryBudget();
        Assert.True(budget.TryTake(495));
        Assert.False(budget.TryTake(10));
        Assert.Equal(5, budget.Tokens);
        Assert.True(budget.TryTake(5));
        Assert.False(budget.TryTake(5));
    }

    [Fact]
    public void Success_GivesBackWhatItsRepeatsCostOrOne()
    {
        var budget = new RetryBudget();
        budget.TryTake(500);
        budget.GiveBack(15);
        Assert.Equal(15, budget.Tokens);
        budget.GiveBack(0);
        Assert.Equal(16, budget.Tokens);
    }

    [Fact]
    public void FullBudget_GrowsNoFurther()
    {
        var budget = new RetryBudget();
        budget.GiveBack(10);
        Assert.Equal(500, budget.Tokens);
    }

    [Fact]
    public void ManyAtOnce_NeverSpendATokenTwice()
    {
        var budget = new RetryBudget();
        var paid = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (budget.TryTake(RetryBudget.Cost))
            {
                Interlocked.Increment(ref paid);
            }
        });
        Assert.Equal((100, 0), (paid, budget.Tokens));
    }

    private static int CountPaid(RetryBudget budget, int cost)
    {
        var paid = 0;
        while (budget.TryTake(cost))
        {
            paid++;
        }

        return paid;
    }
}
