using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Text;

/// <summary>
/// Random text, stops and cuts against rules written down plainly over the whole text. Bytes are handled as characters of Latin-1, one for
/// one, so that the rules can be said with strings and cuts may fall inside a character.
/// </summary>
public class VisibleTextPropertyTests
{
    private const string Marker = "<NL>";

    private static readonly ModelMarkup WithMarker = ModelMarkup.Of("huggingface-llm-rinna-3-6b-instruction-ppo-bf16");

    private static readonly int CaseCount = Math.Max(
        10_000,
        int.Parse(Environment.GetEnvironmentVariable("LAMBDASTREAMER_PROPERTY_CASES") ?? "0", CultureInfo.InvariantCulture));

    [Fact]
    public void RandomTextRandomlyCut_IsShownAsTheWholeIs() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(CaseCount), Prop.ForAll(
            AnyText(["a", "b", "。", "、", "🗻"], ["a", "b", "。", "、", "🗻"]),
            one => Verify(one, ModelMarkup.None)));

    [Fact]
    public void RandomTextOfTwoLetters_IsShownAsTheWholeIs() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(CaseCount), Prop.ForAll(
            AnyText(["a", "b"], ["a", "b", "aa", "aba"]),
            one => Verify(one, ModelMarkup.None)));

    [Fact]
    public void RandomTextWithNewlineMarkers_IsShownAsTheWholeIs() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(CaseCount), Prop.ForAll(
            AnyText(["<NL>", "<", "<N", "N", "L>", ">", "\n", "a", "。"], ["\n", "<", "N", "a", "。"]),
            one => Verify(one, WithMarker)));

    /// <param name="Text">UTF-8 as Latin-1.</param>
    /// <param name="Stops">UTF-8 as Latin-1.</param>
    /// <param name="Cuts">Taken modulo the length of the text.</param>
    private sealed record Case(string Text, string[] Stops, int[] Cuts)
    {
        public IEnumerable<string> Tokens()
        {
            var positions = Cuts.Select(cut => cut % (Text.Length + 1)).Append(0).Append(Text.Length).Order().ToArray();
            return positions.Zip(positions.Skip(1), (from, to) => Text[from..to]);
        }

        public override string ToString() => $"{Quote(Tokens())} stops {Quote(Stops)}";

        private static string Quote(IEnumerable<string> texts) => string.Join(' ', texts.Select(static text => $"\"{text}\""));
    }

    private static Arbitrary<Case> AnyText(string[] alphabet, string[] stopAlphabet)
    {
        var stop = Gen.Choose(1, 4).SelectMany(length => Gen.Elements(stopAlphabet).ArrayOf(length)).Select(Bytes);
        var stops = Gen.Choose(0, 4).SelectMany(count => stop.ArrayOf(count));
        var text = Gen.Choose(0, 24).SelectMany(length => Gen.Elements(alphabet).ArrayOf(length)).Select(Bytes);
        var cuts = Gen.Choose(0, 24).SelectMany(count => Gen.Choose(0, 1000).ArrayOf(count));
        return text.SelectMany(some => stops.SelectMany(each => cuts.Select(at => new Case(some, each, at)))).ToArbitrary();
    }

    private static void Verify(Case one, ModelMarkup markup)
    {
        var unicodeStops = one.Stops.Select(static stop => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(stop)));
        Assert.True(StopSequences.TryCreate([.. unicodeStops], out var stops, out _));
        using var visible = new VisibleText(markup, stops);
        var shown = new StringBuilder();
        var soFar = "";
        foreach (var token in one.Tokens())
        {
            soFar += token;
            shown.Append(Encoding.Latin1.GetString(visible.Take(Encoding.Latin1.GetBytes(token))));

            var undecided = markup == ModelMarkup.None ? "" : HeldBack(soFar, [Marker]);
            var decided = Normalize(soFar[..^undecided.Length], markup);
            var stop = FirstStop(decided, one.Stops);
            Assert.Equal(stop is not null, visible.IsStopped);
            Assert.Equal(decided != soFar[..^undecided.Length] || stop is not null, visible.Altered);
            Assert.Equal(stop is null ? (HeldBack(decided, one.Stops) + undecided).Length : 0, visible.HeldLength);
            Assert.Equal(stop is null ? decided[..^HeldBack(decided, one.Stops).Length] : decided[..stop.Value], shown.ToString());
        }

        shown.Append(Encoding.Latin1.GetString(visible.End()));
        var whole = Normalize(one.Text, markup);
        var cut = FirstStop(whole, one.Stops);
        Assert.Equal(whole[..(cut ?? whole.Length)], shown.ToString());
        Assert.Equal(cut is not null, visible.IsStopped);
        Assert.Equal(0, visible.HeldLength);
    }

    private static string Normalize(string text, ModelMarkup markup) =>
        markup == ModelMarkup.None ? text : text.Replace(Marker, "\n", StringComparison.Ordinal);

    /// <summary>Where the text is cut: the start of the stop that ends first, the longest of those that end there.</summary>
    private static int? FirstStop(string text, string[] stops) => Enumerable.Range(0, text.Length + 1)
        .SelectMany(end => stops
            .Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal))
            .Select(stop => (int?)(end - stop.Length))
            .Order())
        .FirstOrDefault();

    /// <summary>The longest suffix of the text that is a proper prefix of one of the others.</summary>
    private static string HeldBack(string text, string[] others) => Enumerable.Range(0, text.Length + 1)
        .Select(start => text[start..])
        .First(suffix => suffix.Length == 0
            || others.Any(other => other.Length > suffix.Length && other.StartsWith(suffix, StringComparison.Ordinal)));

    private static string Bytes(string[] characters) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(string.Concat(characters)));
}
