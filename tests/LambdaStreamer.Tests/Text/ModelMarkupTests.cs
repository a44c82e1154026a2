using System.Text;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Text;

public class ModelMarkupTests
{
    [Theory]
    [InlineData("huggingface-llm-falcon-7b-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-falcon-40b-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-falcon-40b-instruct-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-falcon-180b-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-falcon-180b-chat-bf16", "<|endoftext|>")]
    [InlineData("huggingface-llm-mistral-7b", "</s>")]
    [InlineData("huggingface-llm-mistral-7b", "<s>")]
    [InlineData("huggingface-llm-mistral-7b-instruct", "</s>")]
    [InlineData("huggingface-llm-mistral-7b-instruct", "<s>")]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", "</s>")]
    [InlineData("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", "</s>")]
    public void EndOfTextOfAModel_IsSpecialAsAWholeTokenOnly(string modelId, string token)
    {
        var markup = ModelMarkup.Of(modelId);

        Assert.True(markup.IsSpecial(Encoding.UTF8.GetBytes(token)));
        Assert.False(markup.IsSpecial(Encoding.UTF8.GetBytes(token + " ")));
        Assert.False(markup.IsSpecial(Encoding.UTF8.GetBytes(" " + token)));
        Assert.False(markup.IsSpecial(Encoding.UTF8.GetBytes(token[..^1])));
        Assert.False(markup.IsSpecial(default));
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", "</s>")]
    [InlineData("huggingface-llm-mistral-7b-instruct", "<|endoftext|>")]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", "<NL>")]
    public void TokenOfAnotherModel_IsText(string modelId, string token) =>
        Assert.False(ModelMarkup.Of(modelId).IsSpecial(Encoding.UTF8.GetBytes(token)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("my-model")]
    [InlineData("HUGGINGFACE-LLM-MISTRAL-7B")]
    public void UnknownModel_HasNoMarkup(string? modelId)
    {
        var markup = ModelMarkup.Of(modelId);

        Assert.Same(ModelMarkup.None, markup);
        Assert.False(markup.IsSpecial("</s>"u8));
        Assert.Equal("</s>"u8, markup.TrimSpecial("</s>"u8));
        Assert.True(markup.Newline.IsEmpty);
    }

    [Theory]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16", "<NL>")]
    [InlineData("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16", "")]
    [InlineData("huggingface-llm-mistral-7b", "")]
    [InlineData("huggingface-llm-falcon-40b-bf16", "")]
    public void OnlyRinna3B_HasANewlineMarker(string modelId, string newline) =>
        Assert.Equal(Encoding.UTF8.GetBytes(newline), ModelMarkup.Of(modelId).Newline);

    [Theory]
    [InlineData("", "")]
    [InlineData("text", "text")]
    [InlineData("</s>", "")]
    [InlineData("<s>text</s>", "text")]
    [InlineData("<s><s>text</s></s>", "text")]
    [InlineData("</s><s>text", "text")]
    [InlineData("text<s></s>", "text")]
    [InlineData("<s></s><s>", "")]
    [InlineData("<s> text </s>", " text ")]
    [InlineData("<s>strike</s> it", "strike</s> it")]
    [InlineData("write </s> here", "write </s> here")]
    [InlineData("text</s", "text</s")]
    public void SeveralTokensInOneText_LoseSpecialTokensAtTheEdgesOnly(string text, string expected) =>
        Assert.Equal(
            Encoding.UTF8.GetBytes(expected),
            ModelMarkup.Of("huggingface-llm-mistral-7b").TrimSpecial(Encoding.UTF8.GetBytes(text)));
}
