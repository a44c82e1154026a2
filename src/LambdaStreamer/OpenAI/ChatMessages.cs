using System.Text.Json;
using LambdaStreamer.Catalogue;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// The messages of a chat request: as text for a model's template, and as the caller wrote them for a container that knows chat.
/// </summary>
internal sealed class ChatMessages
{
    private static readonly string[] MessageNames = ["role", "content", "name", "tool_calls", "tool_call_id", "function_call"];
    private static readonly string[] PartNames = ["type", "text", "refusal"];
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    private readonly RequestValue _json;
    private readonly List<ChatMessage> _texts = [];
    private readonly List<RequestValue> _developerRoles = [];

    /// <exception cref="RequestProblemException">The messages, or one of them, cannot be taken.</exception>
    public ChatMessages(RequestValue json)
    {
        _json = json;
        foreach (var message in json.Elements())
        {
            Add(message);
        }

        if (_texts.Count == 0)
        {
            throw json.Wrong("an array of at least one message");
        }
    }

    public IReadOnlyList<ChatMessage> Texts => _texts;

    /// <summary>
    /// The place of the first tool call among the messages, which no template of plain text has a form for; null without any.
    /// </summary>
    public string? ToolCallsParam { get; private set; }

    /// <summary>
    /// The caller's array, but with role <c>system</c> for <c>developer</c>: OpenAI's newer name, which templates of open models do not
    /// know.
    /// </summary>
    public void Write(ByteBuffer output)
    {
        var position = _json.Start;
        foreach (var role in _developerRoles)
        {
            output.Append(_json.Body.Span[position..role.Start]);
            output.Append("\"system\""u8);
            position = role.Start + role.Length;
        }

        output.Append(_json.Body.Span[position..(_json.Start + _json.Length)]);
    }

    private void Add(RequestValue value)
    {
        if (value.Type != JsonTokenType.StartObject)
        {
            throw value.Wrong("an object");
        }

        var message = value.Object(MessageNames);
        var role = message["role"].Text();
        if (!Roles.Contains(role))
        {
            throw message["role"].Wrong($"one of {string.Join(", ", Roles)}");
        }

        if (role == "developer")
        {
            _developerRoles.Add(message["role"]);
        }

        message["name"].Text();
        message["tool_call_id"].Text();
        var toolCalls = message["tool_calls"];
        toolCalls.Expect(JsonTokenType.StartArray, "an array");
        message["function_call"].Expect(JsonTokenType.StartObject, "an object");
        var callsTools = !toolCalls.IsEmpty || !message["function_call"].IsEmpty;
        if (callsTools)
        {
            ToolCallsParam ??= toolCalls.IsEmpty ? message["function_call"].Param : toolCalls.Param;
        }

        var content = message["content"];
        if (content.IsAbsent && !(role == "assistant" && callsTools))
        {
            throw content.Wrong("a string or an array of text parts");
        }

        _texts.Add(new ChatMessage(role!, TextOf(content)));
    }

    /// <summary>Text parts are joined by a line end, as vLLM does for templates that know nothing but strings.</summary>
    private static string TextOf(RequestValue content)
    {
        if (content.IsAbsent || content.Type == JsonTokenType.String)
        {
            return content.Text() ?? "";
        }

        if (content.Type != JsonTokenType.StartArray)
        {
            throw content.Wrong("a string or an array of text parts");
        }

        return string.Join('\n', content.Elements().Select(TextOfPart));
    }

    private static string TextOfPart(RequestValue value)
    {
        if (value.Type != JsonTokenType.StartObject)
        {
            throw value.Wrong("an object");
        }

        var part = value.Object(PartNames);
        var type = part["type"].Text();
        if (type is not ("text" or "refusal"))
        {
            throw new RequestProblemException(
                value.Param, $"{value.Param} is of a type that this function does not take; only text is.");
        }

        var text = part[type];
        return text.Text() ?? throw text.Wrong("a string");
    }
}
