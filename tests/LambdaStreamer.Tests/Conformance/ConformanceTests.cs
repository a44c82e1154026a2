namespace LambdaStreamer.Tests.Conformance;

/// <summary>What real clients make of the native function's answers, through the twin's Function URL.</summary>
public sealed class ConformanceTests(Bench bench) : IClassFixture<Bench>
{
    public static TheoryData<string> Names { get; } = [.. Clients.All.Select(static client => client.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EveryColumn_IsShownOrHasAReason(string name)
    {
        await bench.StartAsync();
        var client = Clients.All.Single(client => client.Name == name);
        var cells = await client.RunAsync(bench);
        bench.Add(client, cells);
        Assert.Subset(Column.All.ToHashSet(), cells.Select(static cell => cell.Column).ToHashSet());
        var problems = Column.All
            .Select(column => (Column: column, Problem: client.ProblemOf(column, cells.SingleOrDefault(cell => cell.Column == column))))
            .Where(static cell => cell.Problem is not null)
            .Select(static cell => $"{cell.Column}: {cell.Problem}")
            .ToArray();
        Assert.True(problems.Length == 0, string.Join('\n', problems));
        Assert.Empty(bench.Violations);
    }
}
