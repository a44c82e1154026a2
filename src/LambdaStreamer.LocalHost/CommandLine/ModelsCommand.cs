using System.Text.Json;
using LambdaStreamer.Catalogue;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Prints the models of <see cref="JumpStartCatalogue"/>, in its order: a table for people, or JSON for programs.</summary>
internal static class ModelsCommand
{
    private const string Gap = "  ";

    /// <summary>What every container here writes for a generate request; whether it takes messages too, <c>chat</c> tells.</summary>
    private const string Dialect = "generate";

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly string[] Heads =
        ["id", "family", "parameters", "licence", "default instance", "container", "dialect", "chat"];

    /// <returns>0.</returns>
    public static async Task<int> RunAsync(bool json, TextWriter output, CancellationToken cancellationToken)
    {
        var text = json ? JsonSerializer.Serialize(JumpStartCatalogue.All.Select(JsonOf), JsonOptions) + '\n' : Table();
        await output.WriteAsync(text.AsMemory(), cancellationToken);
        return 0;
    }

    private static string Table()
    {
        string[][] rows = [Heads, .. JumpStartCatalogue.All.Select(RowOf)];
        int[] widths = [.. Heads.Select((_, column) => rows.Max(row => row[column].Length))];
        var lines = rows.Select(row => string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        var notes = JumpStartCatalogue.All.Select(static model => model.LicenceNote).OfType<string>().Distinct();
        return string.Concat(lines.Concat(notes.Select(static note => $"\n* {note}")).Select(static line => line + '\n'));
    }

    private static string[] RowOf(JumpStartModel model) =>
    [
        model.Id,
        model.Family,
        model.Parameters,
        model.LicenceNote is null ? model.Licence : $"{model.Licence} *",
        model.DefaultInstanceType,
        model.ContainerVersion is null ? ContainerOf(model) : $"{ContainerOf(model)} {model.ContainerVersion}",
        $"{Dialect}, {FramingOf(model)}",
        model.SpeaksChat ? "yes" : "no",
    ];

    private static object JsonOf(JumpStartModel model) => new
    {
        model.Id,
        model.Family,
        Kind = model.Kind.ToString().ToLowerInvariant(),
        model.Parameters,
        model.Licence,
        model.LicenceNote,
        model.HubId,
        model.DefaultInstanceType,
        Container = ContainerOf(model),
        model.ContainerVersion,
        model.LastTgiVersion,
        Dialect,
        Framing = FramingOf(model),
        Chat = model.SpeaksChat,
        model.MaxInputTokens,
        model.MaxTotalTokens,
    };

    private static string ContainerOf(JumpStartModel model) => model.Container is ContainerKind.Lmi ? "LMI" : "TGI";

    private static string FramingOf(JumpStartModel model) => model.Container is ContainerKind.Lmi ? "JSON lines" : "SSE";
}
