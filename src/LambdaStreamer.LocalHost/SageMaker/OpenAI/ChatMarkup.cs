using System.Text;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>How a chat becomes the prompt that a model continues.</summary>
internal static class ChatMarkup
{
    /// <summary>What vLLM says when a chat comes for a model without a template; the words are those of the tokenizers' library.</summary>
    public const string NoTemplate =
        "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does "
        + "not define one.";

    private static readonly string[] RolesOfChatMl = ["system", "developer", "user", "assistant", "tool"];

    /// <summary>
    /// Whether the model was trained to follow instructions. A vLLM server for it is started with a template; the base models are not
    /// given one.
    /// </summary>
    public static bool FollowsInstructions(JumpStartModel model) =>
        model.Id.Contains("instruct", StringComparison.Ordinal) || model.Id.Contains("-chat", StringComparison.Ordinal);

    /// <summary>Whether the tokenizer in the model's own archive has a template; Mistral's instructed model is the only one.</summary>
    public static bool HasOwnTemplate(JumpStartModel model) => model is { Container: ContainerKind.Lmi } && FollowsInstructions(model);

    /// <summary>
    /// <c>&lt;s&gt;[INST] … [/INST] … &lt;/s&gt;</c> as Mistral's tokenizer has it; the tokenizer adds the first of these marks itself. The
    /// system's text goes in front of the first user's: whether the archive's version takes or refuses it is unconfirmed.
    /// </summary>
    /// <exception cref="OpenAIException">The roles do not alternate, or there is another role; in the template's own words.</exception>
    public static string Instructions(IReadOnlyList<ChatTurn> messages)
    {
        var (system, turns) = messages[0].Role == "system" ? (messages[0].Content + "\n\n", messages.Skip(1)) : ("", messages);
        var prompt = new StringBuilder();
        var isUser = true;
        foreach (var turn in turns)
        {
            if (turn.Role is not ("user" or "assistant"))
            {
                throw new OpenAIException("Only user and assistant roles are supported!", "messages");
            }

            if (turn.Role == "user" != isUser)
            {
                throw new OpenAIException("Conversation roles must alternate user/assistant/user/assistant/...", "messages");
            }

            prompt.Append(isUser ? $"[INST] {system}{turn.Content} [/INST]" : $"{turn.Content}</s> ");
            system = "";
            isUser = !isUser;
        }

        return prompt.ToString();
    }

    /// <summary>ChatML, which takes tools' results too: the template that the twin's vLLM is started with.</summary>
    /// <exception cref="OpenAIException">A role is unknown.</exception>
    public static string ChatMl(IReadOnlyList<ChatTurn> messages)
    {
        var prompt = new StringBuilder();
        foreach (var turn in messages)
        {
            prompt.Append(RolesOfChatMl.Contains(turn.Role)
                ? $"<|im_start|>{turn.Role}\n{turn.Content}<|im_end|>\n"
                : throw new OpenAIException($"There is no role '{turn.Role}'.", "messages"));
        }

        return prompt.Append("<|im_start|>assistant\n").ToString();
    }
}
