using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>
/// Every ending in every format before the first token, after the first and after the hundredth, through the native function: what the
/// client, Lambda, the log and the endpoint are told.
/// </summary>
public class FaultMatrixTests
{
    private static readonly MediaType[] Formats = Enum.GetValues<MediaType>();
    private static readonly FaultMoment[] Moments = Enum.GetValues<FaultMoment>();

    [Fact]
    public async Task EveryCell_IsToldTruthfully()
    {
        FaultCell[] cells =
        [
            .. (from row in FaultRows.All
                from format in Formats
                from moment in Moments
                where row.WhyNever(format, moment) is null
                select (row, format, moment))
                .Select(static (cell, number) => new FaultCell(number, cell.row, cell.format, cell.moment)),
        ];
        await using var sageMaker = new ScriptedSageMaker(exchange => cells
            .Single(cell => exchange.Request.Contains($"\"inputs\":\"{cell.Prompt}\"", StringComparison.Ordinal))
            .ServeAsync(exchange));
        var closedUrl = await ClosedUrlAsync();
        var groups = await Task.WhenAll(cells.GroupBy(static cell => cell.Row.Setting).Select(group =>
            FaultGroup.RunAsync(group.Key, group.Key == FaultSetting.NoEndpoint ? closedUrl : sageMaker.Url, [.. group])));
        FaultResult[] results = [.. groups.SelectMany(static group => group)];
        await FaultTable.WriteAsync(results, TestContext.Current.CancellationToken);
        Assert.Equal(cells.Length, results.Length);
        var wrong = results.Where(static result => result.Failure is not null)
            .Select(static result => $"{result.Cell}: {result.Failure!.Message}");
        Assert.True(results.All(static result => result.Failure is null), string.Join('\n', wrong));
    }

    [Fact]
    public void EveryEndingFormatAndMoment_IsRunOrHasAReason()
    {
        foreach (var rule in Endings.All)
        {
            // Nothing of a lost reply reaches a client: LostReplyTests shows it at the Runtime API's socket. The others end before a
            // format is chosen: ApiKeyTests, RequestTests and InvocationLoopTests.
            if (rule.Ending is Ending.ReplyLost or Ending.KeyRefused or Ending.ModelForbidden or Ending.EventInvalid or Ending.Defect)
            {
                continue;
            }

            var rows = FaultRows.All.Where(row => row.Ending == rule.Ending).ToArray();
            Assert.NotEmpty(rows);
            foreach (var row in rows)
            {
                Assert.Equal(rule.IsSuccess, row.Message is null);
                Assert.Equal(rule.IsSuccess, row.FinishReason is not null);

                // An ending that is never run is none that this matrix says anything about.
                Assert.Contains(Formats, format => Moments.Any(moment => row.WhyNever(format, moment) is null));
                Assert.All(
                    from format in Formats from moment in Moments select row.WhyNever(format, moment),
                    static reason => Assert.NotEqual("", reason));
            }
        }
    }

    private static async Task<string> ClosedUrlAsync()
    {
        await using var gone = new ScriptedSageMaker(static _ => Task.CompletedTask);
        return gone.Url;
    }
}
