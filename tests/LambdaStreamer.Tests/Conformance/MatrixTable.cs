using System.Text;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>The matrix as markdown: a row for each client that ran, a mark for each column, and below it why a column is empty.</summary>
internal static class MatrixTable
{
    public static async Task WriteAsync(IReadOnlyDictionary<string, IReadOnlyList<CellResult>> rows)
    {
        var text = new StringBuilder();
        text.Append("| client | ").AppendJoin(" | ", Column.All).Append(" |\n");
        text.Append('|').Insert(text.Length, "---|", Column.All.Length + 1).Append('\n');
        var notes = new List<string>();
        foreach (var client in Clients.All.Where(client => rows.ContainsKey(client.Name)))
        {
            var marks = Column.All.Select(column => Mark(client, column, rows[client.Name], notes));
            text.Append("| ").Append(client.Name).Append(" | ").AppendJoin(" | ", marks).Append(" |\n");
        }

        text.Append('\n');
        foreach (var (index, note) in notes.Index())
        {
            text.Append(index + 1).Append(". ").Append(note).Append('\n');
        }

        var folder = Path.Combine(Tool.Repository, "artifacts");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "conformance-matrix.md"), text.ToString());
    }

    private static string Mark(ClientRow client, string column, IReadOnlyList<CellResult> cells, List<string> notes)
    {
        var problem = client.ProblemOf(column, cells.SingleOrDefault(cell => cell.Column == column));
        var (mark, note) = (problem, client.WhyNever(column)) switch
        {
            ({ } failed, _) => ("FAILED", $"{client.Name}, {column}: {failed}"),
            (null, { } reason) => ("–", reason),
            _ => ("yes", client.Differs.GetValueOrDefault(column)?.Replace(Expected.Whole, "…", StringComparison.Ordinal)),
        };
        if (note is null)
        {
            return mark;
        }

        // A reason that several cells share is told once.
        if (!notes.Contains(note))
        {
            notes.Add(note);
        }

        return $"{mark} ({notes.IndexOf(note) + 1})";
    }
}
