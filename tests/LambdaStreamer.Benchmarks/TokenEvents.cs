using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// What the line and token benchmarks read: the answer of a TGI container that makes 1,000 tokens, in TGI 2's form. An event has 110 to
/// 130 bytes with its blank line. Every eighth token needs unescaping, as a line end in a text does; every eighth is not ASCII.
/// </summary>
internal static class TokenEvents
{
    public const int Count = 1000;

    private static readonly string[] Texts = [" the", " model", "\n", " streams", ",", "富士", " token", "s"];

    /// <summary>The events, each with its two line ends.</summary>
    public static byte[][] Create(string lineEnd = "\n") => [.. Enumerable.Range(0, Count).Select(index => Event(index, lineEnd))];

    /// <summary>The same bytes in parts of <paramref name="partLength"/>, the last one shorter.</summary>
    public static byte[][] Cut(byte[][] parts, int partLength) => [.. parts.SelectMany(static part => part).Chunk(partLength)];

    /// <summary>What the tokens say, one after the other.</summary>
    public static string Text { get; } = string.Concat(Enumerable.Range(0, Count).Select(static index => Texts[index % Texts.Length]));

    private static byte[] Event(int index, string lineEnd)
    {
        var text = JsonEncodedText.Encode(Texts[index % Texts.Length], JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        var generatedText = index == Count - 1 ? "\"\"" : "null";
        var token = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":{{index * 37 + 100}},"text":"{{text}}","logprob":-{{(index % 255 + 1) / 256.0}},"special":false}""");
        return Encoding.UTF8.GetBytes(
            $$"""data: {"index":{{index + 1}},"token":{{token}},"generated_text":{{generatedText}},"details":null}{{lineEnd}}{{lineEnd}}""");
    }
}
