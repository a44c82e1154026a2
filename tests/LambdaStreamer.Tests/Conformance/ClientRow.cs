using System.Text.Json.Nodes;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>A client: how to ask it, and what it must show.</summary>
/// <param name="Name">Its package and where it comes from.</param>
/// <param name="RunAsync">Asks it for every column it has.</param>
internal sealed record ClientRow(string Name, Func<Bench, Task<IReadOnlyList<CellResult>>> RunAsync)
{
    /// <summary>Where it shows something else than <see cref="Expected.Of"/> says.</summary>
    public IReadOnlyDictionary<string, string> Differs { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns that it cannot show, and why.</summary>
    public IReadOnlyDictionary<string, string> Never { get; init; } = new Dictionary<string, string>();

    public string? WhyNever(string column) =>
        Never.GetValueOrDefault(column) ?? (column == Column.Key ? "the function asks for no key yet" : null);

    /// <summary>Null when the client showed what it must.</summary>
    public string? ProblemOf(string column, CellResult? cell)
    {
        if (WhyNever(column) is { } reason)
        {
            return cell is null ? null : $"it showed something, although {reason}: {cell.Result}";
        }

        if (cell?.Result is not { } result)
        {
            return cell?.Failure ?? "it showed nothing";
        }

        var expected = JsonNode.Parse(Differs.GetValueOrDefault(column) ?? Expected.Of(column));
        return JsonNode.DeepEquals(expected, JsonNode.Parse(result)) ? null : $"expected {expected!.ToJsonString()}, showed {result}";
    }
}
