using LambdaStreamer.Catalogue;

namespace LambdaStreamer.Tests.Catalogue;

public class ChatTemplateRefusalTests
{
    private const string Mistral7BInstruct = "huggingface-llm-mistral-7b-instruct";
    private const string Falcon180BChat = "huggingface-llm-falcon-180b-chat-bf16";

    [Theory]
    [InlineData(Falcon180BChat, "There is no message.")]
    [InlineData(
        Falcon180BChat,
        "messages[2] has the role \"tool\", which this model's chat template cannot express.",
        "user", "assistant", "tool", "user")]
    [InlineData(
        Mistral7BInstruct, "messages[0] has the role \"function\", which this model's chat template cannot express.", "function", "user")]
    [InlineData(Mistral7BInstruct, "messages[1] has a role that is none of system, developer, user, assistant and tool.", "user", "User")]
    [InlineData(Falcon180BChat, "messages[0] has a role that is none of system, developer, user, assistant and tool.", "")]
    [InlineData(
        Falcon180BChat,
        "messages[1] has the role \"system\", which this model's chat template takes in front of all other messages only.",
        "user", "system", "user")]
    [InlineData(
        Mistral7BInstruct,
        "messages[2] has the role \"developer\", which this model's chat template takes in front of all other messages only.",
        "system", "user", "developer", "user")]
    [InlineData(
        Mistral7BInstruct,
        "messages[0] is from the assistant, but this model's chat template begins with the user.",
        "assistant", "user")]
    [InlineData(
        Mistral7BInstruct,
        "messages[1] is from the assistant, but this model's chat template begins with the user.",
        "system", "assistant", "user")]
    [InlineData(
        Mistral7BInstruct,
        "messages[2] is a second assistant message in a row, but this model's chat template has user and assistant in turn.",
        "user", "assistant", "assistant", "user")]
    [InlineData(
        Mistral7BInstruct,
        "messages[1] is the last one and has the role \"assistant\"; this model's chat template answers a user.",
        "user", "assistant")]
    [InlineData(
        Falcon180BChat,
        "messages[1] is the last one and has the role \"assistant\"; this model's chat template answers a user.",
        "user", "assistant")]
    [InlineData(
        Falcon180BChat,
        "messages[0] is the last one and has the role \"system\"; this model's chat template answers a user.",
        "system")]
    public void ChatTheTemplateCannotExpress_GetsASentenceAndNoPrompt(string modelId, string expected, params string[] roles)
    {
        var rendered = ChatTemplateTests.Template(modelId).TryRender(
            [.. roles.Select(static role => new ChatMessage(role, "text"))], out var prompt, out var problem);

        Assert.Equal((false, null, expected), (rendered, prompt, problem));
    }

    [Fact]
    public void TemplateOfNoModel_CannotExpressAnything()
    {
        var rendered = new ChatTemplate().TryRender([new ChatMessage("user", "Hi")], out var prompt, out var problem);

        Assert.Equal((false, null, "This model has no chat template."), (rendered, prompt, problem));
    }
}
