using System.Text;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>The matrix as people read it: <c>artifacts/fault-matrix.md</c>, which <c>tests/faults</c> prints.</summary>
internal static class FaultTable
{
    public static async Task WriteAsync(IReadOnlyCollection<FaultResult> results, CancellationToken cancellationToken)
    {
        var table = new StringBuilder(
            "| Ending | Side | Format | Before the first token | After token 1 | After token 100 |\n|---|---|---|---|---|---|\n");
        foreach (var row in FaultRows.All)
        {
            foreach (var format in Enum.GetValues<MediaType>())
            {
                var name = row.Variant.Length == 0 ? $"{row.Ending}" : $"{row.Ending}, {row.Variant}";
                table.Append($"| {name} | {Endings.Of(row.Ending).Side} | {format} |");
                foreach (var moment in Enum.GetValues<FaultMoment>())
                {
                    var result = results.SingleOrDefault(
                        result => result.Cell.Row == row && result.Cell.Format == format && result.Cell.Moment == moment);
                    table.Append($" {Describe(result) ?? $"*never: {row.WhyNever(format, moment)}*"} |");
                }

                table.Append('\n');
            }
        }

        var path = Path.Combine(Tool.Repository, "artifacts", "fault-matrix.md");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, table.ToString(), cancellationToken);
    }

    private static string? Describe(FaultResult? result) => result is null ? null
        : result.Failure is null ? $"{result.Told}: ok"
        : $"**WRONG** ({result.Failure.Message.Split('\n')[0]})";
}
