using System.Text;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Text;

public class VisibleTextTests
{
    private const string Rinna = "huggingface-llm-rinna-3-6b-instruction-ppo-bf16";

    /// <summary>Tokens, stops and what each Take and the End give; <c>|</c> stands between them.</summary>
    [Theory]
    [InlineData("Hello|, world", "", "Hello|, world|")]
    [InlineData("Hello|, world", "STOP", "Hello|, world|")]
    [InlineData("one STOP two", "STOP", "one |")]
    [InlineData("STOP", "STOP", "|")]
    [InlineData("one ST|OP two|three", "STOP", "one |||")]
    [InlineData("a|S|T|O|P|b", "STOP", "a||||||")]
    [InlineData("a|S|T|O|p|b", "STOP", "a||||STOp|b|")]
    [InlineData("a|S|T|O", "STOP", "a||||STO")]
    [InlineData("a|SS|SSTO|PP", "STOP", "a|S|SS||")]
    [InlineData("aaab", "aab", "a|")]
    [InlineData("a|a|a|b", "aab", "||a||")]
    [InlineData("aaac", "aab", "aaac|")]
    [InlineData("ababc", "abc", "ab|")]
    [InlineData("ababab|ac", "abac", "abab||")]
    [InlineData("ababab|bc", "abac", "abab|abbc|")]
    [InlineData("xabc", "ab,abc", "x|")]
    [InlineData("xabc", "abc,ab", "x|")]
    [InlineData("abc", "b,abc", "a|")]
    [InlineData("a|b|c", "b,abc", "|a||")]
    [InlineData("xabc", "bc,abc", "x|")]
    [InlineData("xabc", "abc,bc", "x|")]
    [InlineData("xabd|xbc", "abc,bc", "xabd|x|")]
    [InlineData("xab|d", "abc,b", "xa||")]
    [InlineData("xab|d", "abc,bd", "x|a|")]
    [InlineData("xab|e", "abc,bd", "x|abe|")]
    [InlineData("xabc|e", "abcd,bcef,ce", "x|ab|")]
    [InlineData("これは。次", "。", "これは|")]
    [InlineData("これは|。|次", "。", "これは|||")]
    [InlineData("これは。|次", "。次", "これは||")]
    [InlineData("これは。|前", "。次", "これは|。前|")]
    // U+3001 and U+3002 share two bytes of three.
    [InlineData("一、二。三", "。", "一、二|")]
    [InlineData("一、|二", "。", "一、|二|")]
    [InlineData("🗻|🗼|🗽", "🗼🗽", "🗻|||")]
    [InlineData("👩|\u200D|👩", "👩\u200D👧", "||👩\u200D|👩")]
    [InlineData("|a||", "b", "|a|||")]
    public void StopSequences_CutTheText(string tokens, string stops, string expected) =>
        Assert.Equal(expected, Show(ModelMarkup.None, stops, tokens));

    [Theory]
    [InlineData("a<NL>b", "", "a\nb|")]
    [InlineData("<NL>|<NL><NL>", "", "\n|\n\n|")]
    [InlineData("a|<|N|L|>|b", "", "a||||\n|b|")]
    [InlineData("a<|NL|>b", "", "a||\nb|")]
    [InlineData("a<|<NL|><", "", "a|<|\n|<")]
    [InlineData("a<NL|b", "", "a|<NLb|")]
    [InlineData("a<N|<NL>", "", "a|<N\n|")]
    [InlineData("<<NL>>", "", "<\n>|")]
    [InlineData("x<NL>y<N", "", "x\ny|<N")]
    [InlineData("if a < b", "", "if a < b|")]
    [InlineData("<nl>", "", "<nl>|")]
    [InlineData("a<NL>ユーザー:", "\nユーザー:", "a|")]
    [InlineData("a|<N|L>|ユー|ザー|:", "\nユーザー:", "a||||||")]
    [InlineData("a|<N|L>|ユー|ザ", "\nユーザー:", "a|||||\nユーザ")]
    [InlineData("a<NL>b", "\n", "a|")]
    [InlineData("a<NL>b", "<NL>", "a\nb|")]
    [InlineData("a<NL>b", "NL", "a\nb|")]
    [InlineData("a<N|b", "a<", "||")]
    [InlineData("xa<N", "a<", "x|")]
    [InlineData("xa<N|L>", "a<", "x|a\n|")]
    [InlineData("xa<", "a<b", "x|a<")]
    [InlineData("x\n<NL>y", "\n\n", "x|")]
    public void NewlineMarker_IsReplacedBeforeStopsAreLookedFor(string tokens, string stops, string expected) =>
        Assert.Equal(expected, Show(ModelMarkup.Of(Rinna), stops, tokens));

    [Fact]
    public void MultiByteStopCutInsideACharacter_IsFound()
    {
        using var visible = new VisibleText(ModelMarkup.None, Stops("。"));

        // U+3002 is E3 80 82; containers give whole characters, and nothing here relies on it.
        Assert.Equal("a"u8, visible.Take([(byte)'a', 0xE3]));
        Assert.True(visible.Take([0x80]).IsEmpty);
        Assert.Equal(2, visible.HeldLength);
        Assert.True(visible.Take([0x82, (byte)'b']).IsEmpty);
        Assert.True(visible.IsStopped);
    }

    [Fact]
    public void HeldText_IsCountedUntilItIsShownOrCut()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), Stops("\n\n##"));

        visible.Take("a<NL><NL"u8);
        Assert.Equal(1 + 3, visible.HeldLength);
        visible.Take(">#<"u8);
        Assert.Equal(3 + 1, visible.HeldLength);
        Assert.Equal("\n\n#<b"u8, visible.Take("b"u8));
        Assert.Equal(0, visible.HeldLength);

        visible.Take("<NL><NL>##<"u8);
        Assert.True(visible.IsStopped);
        Assert.Equal(0, visible.HeldLength);
        Assert.True(visible.End().IsEmpty);
    }

    [Fact]
    public void StopCompletedByTextHeldForTheMarker_StopsAtTheEnd()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), Stops("a<"));

        Assert.Equal("x"u8, visible.Take("xa<"u8));
        Assert.False(visible.IsStopped);
        Assert.True(visible.End().IsEmpty);
        Assert.True(visible.IsStopped);
        Assert.True(visible.Altered);
        Assert.Equal(0, visible.HeldLength);
    }

    [Fact]
    public void TextThatWasOnlyHeld_IsNotAltered()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), Stops("STOP"));

        visible.Take("a < b ST"u8);
        Assert.Equal("STEP "u8, visible.Take("EP <N"u8));
        Assert.Equal("<N"u8, visible.End());
        Assert.False(visible.Altered);
    }

    [Fact]
    public void ReplacedMarker_IsAltered()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), StopSequences.None);

        visible.Take("a<NL"u8);
        Assert.False(visible.Altered);
        visible.Take(">"u8);
        Assert.True(visible.Altered);
        Assert.False(visible.IsStopped);
    }

    [Fact]
    public void NothingToLookFor_GivesTheTextItself()
    {
        using var visible = new VisibleText(ModelMarkup.None, StopSequences.None);
        var text = "STOP <NL>"u8;

        // Equality of spans is of places, not of contents.
        Assert.True(visible.Take(text) == text);
        Assert.True(visible.End().IsEmpty);
        Assert.False(visible.Altered);
    }

    [Fact]
    public void TextThatCannotMatch_IsNotCopied()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), Stops("STOP"));
        var text = "Some text <b> ST"u8;

        Assert.True(visible.Take(text) == text[..^2]);
    }

    [Fact]
    public void LongestStop_IsHeldToItsLastByte()
    {
        var stop = new string('a', 1023) + "b";
        using var visible = new VisibleText(ModelMarkup.None, Stops(stop));

        Assert.True(visible.Take(Encoding.UTF8.GetBytes(stop[..1023])).IsEmpty);
        Assert.Equal(1023, visible.HeldLength);
        Assert.Equal("a"u8, visible.Take("a"u8));
        Assert.Equal(1023, visible.HeldLength);
        Assert.True(visible.Take("b"u8).IsEmpty);
        Assert.True(visible.IsStopped);
    }

    [Fact]
    public void WarmTokens_AllocateNothing()
    {
        using var visible = new VisibleText(ModelMarkup.Of(Rinna), Stops("\nユーザー:", "STOP", "</s>", "。。"));

        // Held, released, replaced and cut by a token, but never stopped.
        Assert.Equal(0, Allocations.Of(() =>
        {
            visible.Take(" and then"u8);
            visible.Take("S"u8);
            visible.Take("TO STO <N"u8);
            visible.Take("L>ユー"u8);
            visible.Take("ザ<NL><NL>"u8);
            visible.Take("。"u8);
            visible.Take("終わり"u8);
        }));
        Assert.False(visible.IsStopped);
    }

    private static StopSequences Stops(params string[] stops)
    {
        Assert.True(StopSequences.TryCreate(stops, out var sequences, out var problem), problem);
        return sequences;
    }

    private static string Show(ModelMarkup markup, string stops, string tokens)
    {
        using var visible = new VisibleText(markup, Stops(stops.Split(',')));
        var shown = new List<string>();
        foreach (var token in tokens.Split('|'))
        {
            shown.Add(Encoding.UTF8.GetString(visible.Take(Encoding.UTF8.GetBytes(token))));
        }

        shown.Add(Encoding.UTF8.GetString(visible.End()));
        return string.Join('|', shown);
    }
}
