using System.Globalization;
using LambdaStreamer.Relay;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary><c>src/docs/endings.md</c> and the table that the function goes by.</summary>
public class EndingsPageTests
{
    private const string None = "–";

    [Fact]
    public async Task EveryRow_SaysWhatTheTableSays()
    {
        var page = await File.ReadAllLinesAsync(
            Path.Combine(Tool.Repository, "src", "docs", "endings.md"), TestContext.Current.CancellationToken);
        var table = page.Where(static line => line.StartsWith('|'))
            .Select(static line => line.Trim('|', ' ').Split(" | ")).ToArray();
        Assert.Equal(
            ["Ending", "Side", "Status before the first token", "error_type", "Lambda error type", "Log level", "Retry-After"],
            table[0][..7]);

        // The table's head takes two lines.
        var expected = Endings.All.ToArray().Select(Row).ToArray();
        Assert.Equal(expected, table[2..].Select(static row => string.Join(" | ", row[..7])));
        Assert.All(table[2..], static row => Assert.EndsWith(".", row[7]));
    }

    private static string Row(EndingRule rule) => string.Join(
        " | ",
        rule.Ending,
        rule.Side,
        rule.Status,
        rule.IsSuccess ? None : $"`{rule.Type}`",
        rule.IsSuccess ? None : $"`{rule.LambdaType}`",
        rule.Level,
        rule.RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture) ?? None);
}
