using System.Text.Json;

namespace LambdaStreamer.Tests;

/// <summary>The recorded answers under tests/transcripts with what their manifest says of them.</summary>
internal static class Transcripts
{
    private const string Manifest = "manifest.json";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "transcripts");

    /// <summary>TGI generate answers as a container writes them.</summary>
    public static TheoryData<string> Generate =>
    [
        "01-tgi-1.1.0-generate.sse",
        "02-tgi-1.4.0-generate-japanese.sse",
        "03-tgi-2.4.0-generate-keepalive-stop.sse",
        "04-tgi-2.4.0-error-midstream.sse",
        "05-tgi-1.4.0-error-validation.sse",
        "13-crlf.sse",
    ];

    /// <summary>The streams of tokens with their text and id one by one: TGI generate and LMI, as lines of JSON or as events.</summary>
    public static TheoryData<string> GenerateBodies => BodiesOf("tgi-generate", "lmi-jsonlines");

    /// <summary>The bodies of containers of every dialect: all that the manifest expects tokens of.</summary>
    public static TheoryData<string> Bodies => BodiesOf();

    /// <summary>Whole responses in application/vnd.amazon.eventstream.</summary>
    public static TheoryData<string> EventStreams =>
    [
        "20-parts-split-utf8.eventstream",
        "21-parts-then-model-stream-error.eventstream",
        "22-internal-stream-failure.eventstream",
        "23-unmodeled-error.eventstream",
        "24-truncated.eventstream",
        "25-bad-crc.eventstream",
    ];

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    /// <summary>What a client should show.</summary>
    public static string Text(string file) => Entry(file).GetProperty("text").GetString()!;

    public static JsonElement Entry(string file) => Entries().Single(entry => entry.GetProperty("file").GetString() == file);

    public static IReadOnlyList<string> Files() =>
        [.. Directory.GetFiles(Folder).Select(static path => Path.GetFileName(path)).Where(static file => file != Manifest)];

    public static IReadOnlyList<JsonElement> Entries()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, Manifest)));
        return [.. manifest.RootElement.Clone().GetProperty("files").EnumerateArray()];
    }

    private static TheoryData<string> BodiesOf(params string[] dialects) =>
    [
        .. Entries()
            .Where(entry => entry.TryGetProperty("expected", out _))
            .Where(entry => dialects.Length == 0 || dialects.Contains(entry.GetProperty("dialect").GetString()))
            .Select(static entry => entry.GetProperty("file").GetString()!),
    ];
}
