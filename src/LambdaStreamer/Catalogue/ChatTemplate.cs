using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;

namespace LambdaStreamer.Catalogue;

/// <summary>How a model that knows nothing but text wants a chat written. Immutable.</summary>
/// <remarks>
/// <para>
/// A message cannot pass for another one: wherever its text spells one of the <see cref="Markers"/> or a special token (which the tokenizer
/// would take for a control token), a blank goes behind the first character, and <c>&lt;/s&gt;</c> becomes <c>&lt; /s&gt;</c>. Removing
/// it instead would take <c>&lt;s&gt;</c> out of questions about HTML, and could join what remains to another marker; refusing it would
/// end a chat once the model itself has said it. What a text talks the model into is beyond any template.
/// </para>
/// <para>The token that begins a prompt (Mistral's <c>&lt;s&gt;</c>) is never written: the container's tokenizer adds it.</para>
/// </remarks>
public sealed record ChatTemplate
{
    private const string Placeholder = "{text}";
    private const string BlankLine = "\n\n";

    /// <summary>
    /// What ends the model's turn beside its end token; to be sent and cut as stop sequences. They are spelt as a caller sees the answer,
    /// with LF where the model writes its newline marker. The end token is not among them: the container ends the answer there by itself,
    /// and as a stop sequence it would also cut an answer that spells it in ordinary tokens, and use up one of the four that TGI takes.
    /// </summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Around a system text, with <c>{text}</c> for it; for <see cref="SystemPolicy.Message"/> alone.</summary>
    [JsonPropertyName("system")]
    public string SystemPart { get; init; } = "";

    public SystemPolicy SystemPolicy { get; init; }

    /// <summary>Around a user text, with <c>{text}</c> for it.</summary>
    [JsonPropertyName("user")]
    public string UserPart { get; init; } = "";

    /// <summary>Around an assistant text, with <c>{text}</c> for it.</summary>
    [JsonPropertyName("assistant")]
    public string AssistantPart { get; init; } = "";

    /// <summary>What the prompt ends with, for the model to go on from.</summary>
    public string GenerationPrefix { get; init; } = "";

    /// <summary>
    /// Whether the model knows nothing but user and assistant in turn, the user first. Several user messages in a row then become one, a
    /// blank line between their texts; anything else out of turn is a problem. Without it each message is a part, in any order.
    /// </summary>
    public bool Alternates { get; init; }

    /// <summary>What would let a text pass for the beginning or end of a message.</summary>
    public IReadOnlyList<string> Markers { get; init; } = [];

    [JsonIgnore]
    internal IReadOnlyList<string> SpecialTokens { get; init; } = [];

    [JsonIgnore]
    internal string NewlineMarker { get; init; } = "";

    /// <summary>The prompt whose continuation is the assistant's next message.</summary>
    /// <returns>False: <paramref name="problem"/> says, for the caller, which message the template cannot express and why.</returns>
    public bool TryRender(
        IReadOnlyList<ChatMessage> messages, [NotNullWhen(true)] out string? prompt, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(messages);
        problem = FindProblem(messages);
        if (problem is not null)
        {
            prompt = null;
            return false;
        }

        prompt = Render(messages);
        return true;
    }

    private string? FindProblem(IReadOnlyList<ChatMessage> messages)
    {
        if (messages.Count == 0)
        {
            return "There is no message.";
        }

        if (UserPart.Length == 0)
        {
            return "This model has no chat template.";
        }

        string? before = null;
        for (var index = 0; index < messages.Count; index++)
        {
            var role = messages[index].Role;
            if (Reason(role, before) is { } reason)
            {
                return $"messages[{index}] {reason}";
            }

            before = role;
        }

        return before == "user"
            ? null
            : $"messages[{messages.Count - 1}] is the last one and has the role \"{before}\"; this model's chat template answers a user.";
    }

    // The role is quoted only where it is one of a few known words: a caller's may be of any length.
    private string? Reason(string role, string? before) => role switch
    {
        "system" or "developer" => before is null || IsSystem(before)
            ? null
            : $"has the role \"{role}\", which this model's chat template takes in front of all other messages only.",
        "user" => null,
        "assistant" when !Alternates => null,
        "assistant" when before is null || IsSystem(before) =>
            "is from the assistant, but this model's chat template begins with the user.",
        "assistant" => before == "user"
            ? null
            : "is a second assistant message in a row, but this model's chat template has user and assistant in turn.",
        "tool" or "function" => $"has the role \"{role}\", which this model's chat template cannot express.",
        _ => "has a role that is none of system, developer, user, assistant and tool.",
    };

    private string Render(IReadOnlyList<ChatMessage> messages)
    {
        var prompt = new StringBuilder();

        // What the next user part will hold.
        var userTexts = new List<string>();
        var systemTexts = messages.Where(static message => IsSystem(message.Role) && message.Text.Length > 0);
        var system = string.Join(BlankLine, systemTexts.Select(static message => message.Text));
        if (system.Length > 0)
        {
            switch (SystemPolicy)
            {
                case SystemPolicy.BeforeFirstUser:
                    userTexts.Add(system);
                    break;
                case SystemPolicy.AsUser:
                    Append(prompt, UserPart, system);
                    break;
                default:
                    Append(prompt, SystemPart, system);
                    break;
            }
        }

        foreach (var message in messages)
        {
            if (message.Role == "user")
            {
                userTexts.Add(message.Text);
                if (!Alternates)
                {
                    AppendUser(prompt, userTexts);
                }
            }
            else if (message.Role == "assistant")
            {
                AppendUser(prompt, userTexts);

                // A model's answer begins with the blank that the template brings along.
                Append(prompt, AssistantPart, message.Text.TrimStart(' '));
            }
        }

        AppendUser(prompt, userTexts);
        return prompt.Append(GenerationPrefix).ToString();
    }

    private void AppendUser(StringBuilder prompt, List<string> texts)
    {
        if (texts.Count > 0)
        {
            Append(prompt, UserPart, string.Join(BlankLine, texts));
            texts.Clear();
        }
    }

    private void Append(StringBuilder prompt, string part, string text) =>
        prompt.Append(part.Replace(Placeholder, AsText(text), StringComparison.Ordinal));

    /// <summary>The text as the model should read it: its own newlines, and nothing that ends or begins a message.</summary>
    private string AsText(string text)
    {
        // Markers are spelt with LF; a marker the caller wrote is a line end to the model all the same.
        if (NewlineMarker.Length > 0)
        {
            text = text.Replace(NewlineMarker, "\n", StringComparison.Ordinal);
        }

        // One pass over all is enough: a blank put into one marker cannot complete another, as none has a blank.
        foreach (var marker in Markers.Concat(SpecialTokens))
        {
            text = text.Replace(marker, marker.Insert(1, " "), StringComparison.Ordinal);
        }

        return NewlineMarker.Length > 0 ? text.Replace("\n", NewlineMarker, StringComparison.Ordinal) : text;
    }

    private static bool IsSystem(string role) => role is "system" or "developer";
}
