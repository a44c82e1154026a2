using System.Diagnostics.CodeAnalysis;

namespace LambdaStreamer.Catalogue;

/// <summary>How a model that knows nothing but text wants a chat written. Immutable.</summary>
public sealed class ChatTemplate
{
    /// <summary>What ends the model's turn beside its end token; to be sent and cut as stop sequences.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The prompt whose continuation is the assistant's next message.</summary>
    /// <returns>False: <paramref name="problem"/> says, for the caller, which message the template cannot express and why.</returns>
    public bool TryRender(
        IReadOnlyList<ChatMessage> messages, [NotNullWhen(true)] out string? prompt, [NotNullWhen(false)] out string? problem)
    {
        prompt = null;
        problem = messages.Count == 0 && Stop.Count == 0 ? "There is no message." : "This model has no chat template.";
        return false;
    }
}
