using System.Reflection;
using System.Runtime.Loader;
using LambdaStreamer.Catalogue;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.Catalogue;

public class JumpStartCatalogueTests
{
    /// <summary>Id, family, kind, parameters, licence, container, last TGI version, instance, tokens, chat.</summary>
    private const string Expected = """
        huggingface-llm-falcon-7b-bf16|Falcon|Base|7B|Apache-2.0|Tgi 1.4.0|1.4.0|ml.g5.2xlarge|1024/2048|False
        huggingface-llm-falcon-7b-instruct-bf16|Falcon|Instruct|7B|Apache-2.0|Tgi 2.4.0|2.4.0|ml.g5.2xlarge|1024/2048|False
        huggingface-llm-falcon-40b-bf16|Falcon|Base|40B|Apache-2.0|Tgi 1.4.0|1.4.0|ml.g5.48xlarge|1024/2048|False
        huggingface-llm-falcon-40b-instruct-bf16|Falcon|Instruct|40B|Apache-2.0|Tgi 1.4.0|1.4.0|ml.g5.48xlarge|1024/2048|False
        huggingface-llm-falcon-180b-bf16|Falcon|Base|180B|Falcon-180B TII|Tgi 2.4.0|2.4.0|ml.p4de.24xlarge|1024/2048|False
        huggingface-llm-falcon-180b-chat-bf16|Falcon|Chat|180B|Falcon-180B TII|Tgi 2.4.0|2.4.0|ml.p4de.24xlarge|1024/2048|False
        huggingface-llm-mistral-7b|Mistral|Base|7B|Apache-2.0|Lmi |2.0.0|ml.g5.12xlarge|8191/8192|False
        huggingface-llm-mistral-7b-instruct|Mistral|Instruct|7B|Apache-2.0|Lmi 0.36.0|2.0.0|ml.g6e.2xlarge|8191/8192|True
        huggingface-llm-rinna-3-6b-instruction-ppo-bf16|rinna GPT-NeoX|Instruct|3.6B|MIT|Tgi 1.4.0|1.4.0|ml.g5.2xlarge|1024/2048|False
        huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16|rinna GPT-NeoX|Instruct|3.8B|MIT|Tgi 2.4.0|2.4.0|ml.g5.2xlarge|1024/2048|False
        """;

    [Fact]
    public void All_AreTheBlogsTenInItsOrder() =>
        Assert.Equal(
            Expected.Split('\n'),
            JumpStartCatalogue.All.Select(static model => string.Join(
                '|',
                model.Id,
                model.Family,
                model.Kind,
                model.Parameters,
                model.Licence.Replace(" License 1.0", "", StringComparison.Ordinal),
                $"{model.Container} {model.ContainerVersion}",
                model.LastTgiVersion,
                model.DefaultInstanceType,
                $"{model.MaxInputTokens}/{model.MaxTotalTokens}",
                model.SpeaksChat)));

    [Fact]
    public void EveryModel_HasAHubIdAnEndTokenAndATemplate() =>
        Assert.All(JumpStartCatalogue.All, static model =>
        {
            Assert.Matches("^(tiiuae|mistralai|rinna)/[A-Za-z0-9.-]+$", model.HubId);
            Assert.NotEmpty(model.SpecialTokens);
            Assert.Contains("{text}", model.Template.UserPart, StringComparison.Ordinal);
            Assert.Contains("{text}", model.Template.AssistantPart, StringComparison.Ordinal);
            Assert.NotEmpty(model.Template.Markers);
            Assert.Equal(
                model.Template.SystemPolicy is SystemPolicy.Message,
                model.Template.SystemPart.Contains("{text}", StringComparison.Ordinal));
        });

    [Fact]
    public void LicenceNote_WarnsOfFalcon180BAlone() =>
        Assert.Equal(
            ["huggingface-llm-falcon-180b-bf16", "huggingface-llm-falcon-180b-chat-bf16"],
            JumpStartCatalogue.All.Where(static model => model.LicenceNote is not null).Select(static model => model.Id));

    [Theory]
    [InlineData("")]
    [InlineData("my-model")]
    [InlineData("huggingface-llm-")]
    [InlineData("huggingface-llm-mistral-7b-instruct ")]
    [InlineData("HUGGINGFACE-LLM-MISTRAL-7B")]
    public void UnknownId_IsNotFound(string id)
    {
        Assert.False(JumpStartCatalogue.TryFind(id, out var model));
        Assert.Null(model);
    }

    /// <summary>In a copy of the library of its own, as other tests read the file in this one.</summary>
    [Fact]
    public void FunctionThatNamesNoJumpStartModel_DoesNotReadTheFile()
    {
        var copy = new AssemblyLoadContext(null, isCollectible: true);
        var library = copy.LoadFromAssemblyPath(typeof(JumpStartCatalogue).Assembly.Location);
        var markupOf = library.GetType(typeof(ModelMarkup).FullName!)!.GetMethod(nameof(ModelMarkup.Of))!;
        var isLoaded = library.GetType(typeof(JumpStartCatalogue).FullName!)!
            .GetProperty(nameof(JumpStartCatalogue.IsLoaded), BindingFlags.NonPublic | BindingFlags.Static)!;

        markupOf.Invoke(null, [null]);
        markupOf.Invoke(null, ["my-model"]);
        Assert.Equal(false, isLoaded.GetValue(null));

        markupOf.Invoke(null, ["huggingface-llm-mistral-7b"]);
        Assert.Equal(true, isLoaded.GetValue(null));
        copy.Unload();
    }
}
