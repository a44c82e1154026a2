namespace LambdaStreamer.Catalogue;

/// <summary>One message of a chat, its text parts joined.</summary>
/// <param name="Role">As OpenAI names it: <c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>.</param>
/// <param name="Text">The content; empty where the message has none (an assistant's tool calls).</param>
public sealed record ChatMessage(string Role, string Text);
