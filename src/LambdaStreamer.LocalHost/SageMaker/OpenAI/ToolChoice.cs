using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// The tool that the model calls, with its arguments, and whether the request named it: vLLM's finish reason is then <c>stop</c>.
/// </summary>
/// <remarks>
/// Which one: the function that <c>tool_choice</c> names; with <c>required</c> the one whose name the last message mentions, else the
/// first; with <c>auto</c>, the default, the one whose name the user mentions in the last message, else none. So a tool's result is
/// answered in words.
/// </remarks>
internal sealed record ToolChoice(string Name, string Arguments, bool IsNamed)
{
    /// <summary>Null when the model is to answer in words.</summary>
    /// <exception cref="OpenAIException">The choice and the tools do not fit.</exception>
    public static ToolChoice? Read(RequestMembers members, ChatTurn lastMessage)
    {
        ToolDeclaration[] tools = [.. members.List("tools").Select(ReadTool)];
        var choice = members["tool_choice"];
        if (tools.Length == 0)
        {
            return choice is null or { ValueKind: JsonValueKind.String } && choice?.GetString() is null or "none" or "auto"
                ? null
                : throw new OpenAIException("When using `tool_choice`, `tools` must be set.", "tool_choice");
        }

        var mentioned = tools.FirstOrDefault(tool => lastMessage.Content.Contains(tool.Name, StringComparison.OrdinalIgnoreCase));
        return choice switch
        {
            null => OfMention(),
            { ValueKind: JsonValueKind.String } word => word.GetString() switch
            {
                "none" => null,
                "auto" => OfMention(),
                "required" => Of(mentioned ?? tools[0], isNamed: false),
                var other => throw new OpenAIException($"tool_choice cannot be '{other}'.", "tool_choice"),
            },
            { ValueKind: JsonValueKind.Object } named => Of(Find(tools, new RequestMembers(named).Object("function").Text("name")), true),
            _ => throw new OpenAIException("tool_choice must be a string or an object.", "tool_choice"),
        };

        ToolChoice? OfMention() => mentioned is not null && lastMessage.Role == "user" ? Of(mentioned, isNamed: false) : null;
    }

    private static ToolDeclaration ReadTool(JsonElement tool)
    {
        var function = new RequestMembers(tool).Object("function");
        return new ToolDeclaration(
            function.Text("name") ?? throw new OpenAIException("A tool needs a function with a name.", "tools"), function["parameters"]);
    }

    private static ToolDeclaration Find(ToolDeclaration[] tools, string? name) =>
        tools.FirstOrDefault(tool => tool.Name == name)
        ?? throw new OpenAIException("The tool specified in `tool_choice` does not match any of the specified `tools`.", "tool_choice");

    private static ToolChoice Of(ToolDeclaration tool, bool isNamed) =>
        new(tool.Name, tool.Parameters is { } schema ? SchemaValue.Of(schema) : "{}", isNamed);
}
