using System.Text;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class ModelTests
{
    private const string BlogPrompt = "How do I build a website?";

    public static TheoryData<string> ModelIds => [.. ModelCatalogue.All.Select(model => model.Id)];

    [Fact]
    public void Catalogue_HasTenModelsWithTheContainersOfTheirImages()
    {
        var containers = ModelCatalogue.All.Select(
            model => $"{model.Id["huggingface-llm-".Length..]} {model.TgiVersion?.ToString() ?? $"{model.Container}"}");
        Assert.Equal(
            [
                "falcon-7b-bf16 1.4.0",
                "falcon-7b-instruct-bf16 2.4.0",
                "falcon-40b-bf16 1.4.0",
                "falcon-40b-instruct-bf16 1.4.0",
                "falcon-180b-bf16 2.4.0",
                "falcon-180b-chat-bf16 2.4.0",
                "mistral-7b Lmi",
                "mistral-7b-instruct Lmi",
                "rinna-3-6b-instruction-ppo-bf16 1.4.0",
                "bilingual-rinna-4b-instruction-ppo-bf16 2.4.0",
            ],
            containers);
    }

    [Theory]
    [MemberData(nameof(ModelIds))]
    public void Pieces_JoinedAgainAreTheText(string modelId)
    {
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        foreach (var prompt in (string[])[BlogPrompt, "Why?", "ウェブサイトの作り方は？", "なぜですか？"])
        {
            var text = model.Texts.AnswerTo(prompt);
            var joined = Tokenizer.Cut(model, text).SelectMany(piece => piece.Utf8.ToArray()).ToArray();
            Assert.Equal(text, Encoding.UTF8.GetString(joined));
        }
    }

    [Fact]
    public void Texts_DifferFromModelToModel()
    {
        var texts = ModelCatalogue.All.SelectMany(model => (string[])[model.Texts.AnswerTo(BlogPrompt), model.Texts.AnswerTo("Why?")]);
        Assert.Equal(20, texts.Distinct().Count());
    }

    [Fact]
    public void BlogPrompt_GetsAHelpfulAnswer()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-mistral-7b-instruct", out var model));
        Assert.StartsWith(
            " Building a website can be broken down into a few manageable steps:\n\n1. **Define the purpose.**",
            ModelAnswer.VisibleText(model, BlogPrompt),
            StringComparison.Ordinal);
    }

    [Fact]
    public void BilingualModel_AnswersInTheLanguageOfTheQuestion()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", out var model));
        Assert.StartsWith(
            "To build a website",
            ModelAnswer.VisibleText(model, "ユーザー: How do I build a website?\nシステム: "),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "ウェブサイトを作るには",
            ModelAnswer.VisibleText(model, "ユーザー: ウェブサイトの作り方は？\nシステム: "),
            StringComparison.Ordinal);
    }

    [Fact]
    public void SmallRinna_SpellsLineEndsAsTag()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", out var model));
        var text = ModelAnswer.VisibleText(model, BlogPrompt);
        Assert.StartsWith("はい、ウェブサイトの作り方を順番に説明します。<NL>まず、", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-bf16", " SageMaker hosting", " Sage|Maker| hosting")]
    [InlineData("huggingface-llm-falcon-7b-bf16", "a.\n\nb, 10", "a|.|\n\n|b|,| 1|0")]
    [InlineData("huggingface-llm-mistral-7b", "a.\n\nb", "a|.|\n|\n|b")]
    [InlineData("huggingface-llm-mistral-7b", " administrators", " admini|strators")]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", "富士山です。<NL>はい", "富士|山|です|。|<NL>|はい")]
    public void Words_AreCutAsTokenizersCutThem(string modelId, string text, string pieces)
    {
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        Assert.Equal(pieces.Split('|'), Tokenizer.Cut(model, text).Select(piece => Encoding.UTF8.GetString(piece.Utf8.Span)));
    }

    [Fact]
    public void RareCharacter_ComesWithItsLastByte()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", out var model));
        var generation = Generation.Run(model, "ユーザー: ホームページ？", 30, []);
        var at = generation.Tokens.Select(token => token.Text).ToList().IndexOf("🎯");
        Assert.Equal(["", "", "", "🎯"], generation.Tokens.Skip(at - 3).Take(4).Select(token => token.Text));
        Assert.Equal(4, generation.Tokens.Skip(at - 3).Take(4).Select(token => token.Id).Distinct().Count());
    }

    [Fact]
    public void LimitInsideACharacter_LeavesTheCharacterOut()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", out var model));
        const string Prompt = "ユーザー: ホームページ？";
        var at = Generation.Run(model, Prompt, 100, []).Tokens.Select(token => token.Text).ToList().IndexOf("🎯");
        var whole = ModelAnswer.VisibleText(model, Prompt, maxNewTokens: at + 1);
        Assert.EndsWith("🎯", whole, StringComparison.Ordinal);
        for (var missing = 1; missing <= 3; missing++)
        {
            Assert.Equal(whole[..^2], ModelAnswer.VisibleText(model, Prompt, maxNewTokens: at + 1 - missing));
            Assert.Equal(whole[..^2], Generation.Run(model, Prompt, at + 1 - missing, []).Text);
        }
    }

    [Theory]
    [MemberData(nameof(ModelIds))]
    public void VisibleText_IsTheTextOfTheGeneration(string modelId)
    {
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        for (var limit = 1; limit < 300; limit += 7)
        {
            var whole = Generation.Run(model, BlogPrompt, limit, []);
            Assert.Equal(whole.Text, ModelAnswer.VisibleText(model, BlogPrompt, limit));
            Assert.Equal(whole.Text, string.Concat(whole.Tokens.Where(token => !token.Special).Select(token => token.Text)));
            var stopped = Generation.Run(model, BlogPrompt, limit, [".", "。"]);
            Assert.Equal(stopped.Text, ModelAnswer.VisibleText(model, BlogPrompt, limit, ".", "。"));
            Assert.Equal(stopped.Text, string.Concat(stopped.Tokens.Where(token => !token.Special).Select(token => token.Text)));
        }
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-bf16", 100)]
    [InlineData("huggingface-llm-mistral-7b", 30)]
    public void NoLimit_IsTheContainersDefault(string modelId, int limit)
    {
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        Assert.Equal(Generation.Run(model, BlogPrompt, limit, []).Text, ModelAnswer.VisibleText(model, BlogPrompt));
        Assert.NotEqual(Generation.Run(model, BlogPrompt, limit + 1, []).Text, ModelAnswer.VisibleText(model, BlogPrompt));
    }

    [Theory]
    [InlineData(" few manage", "| |Building| a w|ebs|ite can| be b|roken| d|own |into a")]
    [InlineData("roken d", " Bu|il|ding a w|ebsi|te |can be |b")]
    [InlineData("broken", " Bui|ld|ing a we|bsit|e c|an be ")]
    public void StopSequenceOfVllm_IsLeftOutWhereverItStands(string stop, string tokens)
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-mistral-7b-instruct", out var model));
        var generation = Generation.Run(model, BlogPrompt, 100, ["never", stop]);
        Assert.Equal(FinishReason.StopSequence, generation.FinishReason);
        Assert.Equal(tokens, string.Join('|', generation.Tokens.Select(token => token.Text)));
        Assert.Equal(tokens.Replace("|", "", StringComparison.Ordinal), generation.Text);
        Assert.Equal(generation.Text, ModelAnswer.VisibleText(model, BlogPrompt, 100, "never", stop));
    }
}
