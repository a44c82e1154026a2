using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// A request in OpenAI's forms, chat (<c>messages</c>) or completions (<c>prompt</c>), as far as the containers play it. Members that are
/// not named here are ignored, as the containers ignore what they do not know. Limits that differ between containers are theirs to check.
/// </summary>
internal sealed record OpenAIRequest
{
    private const int MaxTopLogprobs = 20;

    /// <summary>Null with completions.</summary>
    public IReadOnlyList<ChatTurn>? Messages { get; private init; }

    /// <summary>What is answered: the prompt, or the last thing the user said.</summary>
    public required string Question { get; init; }

    public bool IsChat => Messages is not null;

    public string? Model { get; private init; }

    public int? MaxTokens { get; private init; }

    /// <summary>None of them is empty.</summary>
    public IReadOnlyList<string> Stop { get; private init; } = [];

    public ulong? Seed { get; private init; }

    /// <summary>Alternatives told with each token's log probability; null: no log probabilities at all.</summary>
    public int? TopLogprobs { get; private init; }

    public bool Stream { get; private init; }

    public bool IncludesUsage { get; private init; }

    /// <summary>vLLM: usage so far in every chunk.</summary>
    public bool IncludesUsageInAll { get; private init; }

    /// <summary>What the model calls instead of answering; null: it answers.</summary>
    public ToolChoice? Called { get; private init; }

    /// <summary>JSON that the answer must be; null: any text.</summary>
    public string? JsonAnswer { get; private init; }

    /// <summary>
    /// Whether the model thinks before it answers: <c>chat_template_kwargs.enable_thinking</c> or <c>.thinking</c> is true, there is a
    /// <c>reasoning</c> object, or <c>reasoning_effort</c> is another than <c>none</c>.
    /// </summary>
    public bool Reasons { get; private init; }

    /// <summary>Reads a body that has <c>messages</c> or <c>prompt</c>; with both it is a chat.</summary>
    /// <exception cref="OpenAIException">A member is of the wrong type or out of range.</exception>
    public static OpenAIRequest Read(JsonElement body)
    {
        var members = new RequestMembers(body);
        var isChat = members["messages"] is not null;
        var messages = isChat ? ReadMessages(members) : null;
        CheckSampling(members);
        var streamOptions = members.Object("stream_options");
        var thinking = members.Object("chat_template_kwargs");
        return new OpenAIRequest
        {
            Messages = messages,
            Question = messages is null
                ? ReadPrompt(members)
                : messages.LastOrDefault(turn => turn.Role == "user")?.Content ?? messages[^1].Content,
            Model = members.Text("model"),
            MaxTokens = isChat ? members.Int32("max_completion_tokens") ?? members.Int32("max_tokens") : members.Int32("max_tokens"),
            Stop = ReadStop(members),
            Seed = ReadSeed(members),
            TopLogprobs = isChat ? ReadTopLogprobs(members) : ReadAlternatives(members, "logprobs"),
            Stream = members.Boolean("stream"),
            IncludesUsage = streamOptions.Boolean("include_usage"),
            IncludesUsageInAll = streamOptions.Boolean("continuous_usage_stats"),
            Called = isChat ? ToolChoice.Read(members, messages![^1]) : null,
            JsonAnswer = ReadJsonAnswer(members.Object("response_format")),
            Reasons = isChat && (thinking.Boolean("enable_thinking") || thinking.Boolean("thinking")
                || members["reasoning"] is { ValueKind: JsonValueKind.Object }
                || members.Text("reasoning_effort") is not (null or "none")),
        };
    }

    // A list of one is as good as a string.
    private static string ReadPrompt(RequestMembers members) => members.Strings("prompt") is [var prompt]
        ? prompt
        : throw new OpenAIException("The twin continues one prompt.", "prompt");

    private static ChatTurn[] ReadMessages(RequestMembers members)
    {
        ChatTurn[] messages = [.. members.List("messages").Select(message => new RequestMembers(message)).Select(message => new ChatTurn(
            message.Text("role") ?? throw new OpenAIException("A message needs a role.", "messages"), ReadContent(message)))];
        return messages.Length > 0 ? messages : throw new OpenAIException("There must be at least one message.", "messages");
    }

    private static string ReadContent(RequestMembers message) => message["content"] switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray().Select(part =>
            new RequestMembers(part).Text("type") is "text"
                ? new RequestMembers(part).Text("text")
                : throw new OpenAIException("The model takes text only.", "messages"))),
        _ => throw new OpenAIException("content must be a string or a list of parts.", "messages"),
    };

    private static void CheckSampling(RequestMembers members)
    {
        Require(members.Int32("n") is null or 1, "The twin makes one choice: n must be 1.", "n");
        Require(members.Number("temperature") is null or >= 0, "temperature must be non-negative.", "temperature");
        Require(members.Number("top_p") is null or (> 0 and <= 1), "top_p must be in (0, 1].", "top_p");
    }

    private static string[] ReadStop(RequestMembers members)
    {
        var stop = members.Strings("stop");
        Require(stop.All(sequence => sequence.Length > 0), "stop cannot contain an empty string.", "stop");
        return stop;
    }

    private static ulong? ReadSeed(RequestMembers members)
    {
        if (members["seed"] is not { } seed)
        {
            return null;
        }

        var number = 0L;
        Require(seed.ValueKind is JsonValueKind.Number && seed.TryGetInt64(out number), "seed must be a whole number.", "seed");
        return unchecked((ulong)number);
    }

    private static int? ReadTopLogprobs(RequestMembers members)
    {
        var (wanted, top) = (members.Boolean("logprobs"), ReadAlternatives(members, "top_logprobs"));
        Require(wanted || top is null or 0, "when using `top_logprobs`, `logprobs` must be set to true.", "top_logprobs");
        return wanted ? top ?? 0 : null;
    }

    private static int? ReadAlternatives(RequestMembers members, string name)
    {
        var number = members.Int32(name);
        Require(number is null or (>= 0 and <= MaxTopLogprobs), $"{name} must be from 0 to {MaxTopLogprobs}.", name);
        return number;
    }

    private static string? ReadJsonAnswer(RequestMembers format) => format.Text("type") switch
    {
        null or "text" => null,
        "json_object" => """{"answer": "text"}""",
        "json_schema" when format.Object("json_schema")["schema"] is { } schema => SchemaValue.Of(schema),
        "json_schema" => throw new OpenAIException("response_format needs json_schema.schema.", "response_format"),
        var other => throw new OpenAIException($"response_format has no type '{other}'.", "response_format"),
    };

    private static void Require(bool condition, string otherwise, string param)
    {
        if (!condition)
        {
            throw new OpenAIException(otherwise, param);
        }
    }
}
