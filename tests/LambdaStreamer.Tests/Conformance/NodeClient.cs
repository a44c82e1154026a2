using System.Text.Json;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>A client from npm: its script in <c>tests/node/conformance</c> prints a line for each column.</summary>
internal static class NodeClient
{
    public static async Task<IReadOnlyList<CellResult>> RunAsync(Bench bench, string script)
    {
        NodeModules.Require();
        var (exitCode, output, errors) = await Tool.RunAsync(
            "node",
            Path.Combine(NodeModules.Folder, "conformance", script),
            bench.ChatUrl.ToString(),
            bench.TextUrl.ToString(),
            $"{bench.NextNumber()}");
        Assert.True(exitCode == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Cell)];
    }

    private static CellResult Cell(string line)
    {
        using var json = JsonDocument.Parse(line);
        var cell = json.RootElement;
        return new(
            cell.GetProperty("column").GetString()!,
            cell.TryGetProperty("result", out var result) ? result.GetRawText() : null,
            cell.TryGetProperty("failure", out var failure) ? failure.GetString() : null);
    }
}
