using System.Text;
using System.Text.Json.Nodes;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>The pieces of OpenAI's objects that the containers write alike.</summary>
internal static class OpenAIJson
{
    /// <summary>The moment that every answer names, in seconds since 1970: fixed, so that the same request gets the same bytes.</summary>
    public const long Created = 1_730_000_000;

    /// <summary>The name of a model whose server was given none: where SageMaker puts it.</summary>
    public const string ModelName = "/opt/ml/model";

    /// <summary>The log probabilities of these tokens of a chat; null when none are asked for.</summary>
    public static JsonObject? ChatLogprobs(OpenAIAnswer answer, Range tokens)
    {
        if (answer.Request.TopLogprobs is not { } top)
        {
            return null;
        }

        return new JsonObject
        {
            ["content"] = new JsonArray([.. Positions(answer, tokens).Select(position =>
            {
                var entry = Entry(answer.Tokens[position], answer.LogprobAt(position));
                entry["top_logprobs"] = new JsonArray(
                    [.. answer.Alternatives(position, top).Select(alternative => Entry(alternative.Token, alternative.Logprob))]);
                return entry;
            })]),
        };
    }

    /// <summary>The log probabilities of these tokens of a completion, in parallel lists; null when none are asked for.</summary>
    public static JsonObject? CompletionsLogprobs(OpenAIAnswer answer, Range tokens)
    {
        if (answer.Request.TopLogprobs is not { } top)
        {
            return null;
        }

        var positions = Positions(answer, tokens).ToArray();
        return new JsonObject
        {
            ["text_offset"] = new JsonArray([.. positions.Select(position =>
                JsonValue.Create(answer.Tokens.Take(position).Sum(token => token.Text.Length)))]),
            ["token_logprobs"] = new JsonArray([.. positions.Select(position => JsonValue.Create(answer.LogprobAt(position)))]),
            ["tokens"] = new JsonArray([.. positions.Select(position => JsonValue.Create(answer.Tokens[position].Name))]),

            // The chosen token is among them, so there is one at least.
            ["top_logprobs"] = new JsonArray([.. positions.Select(position => new JsonObject(answer.Alternatives(position, Math.Max(top, 1))
                .Select(alternative => KeyValuePair.Create(alternative.Token.Name, (JsonNode?)alternative.Logprob))))]),
        };
    }

    /// <summary>What the token at <paramref name="position"/> adds to a chat. A tool call opens with its name.</summary>
    public static JsonObject Delta(OpenAIAnswer answer, int position)
    {
        var token = answer.Tokens[position];
        if (token.Part is not AnswerPart.ToolArguments)
        {
            return new JsonObject { [token.Part is AnswerPart.Reasoning ? "reasoning_content" : "content"] = token.Text };
        }

        var isFirst = position == 0 || answer.Tokens[position - 1].Part is not AnswerPart.ToolArguments;
        var call = isFirst
            ? ToolCall(answer, token.Text)
            : new JsonObject { ["function"] = new JsonObject { ["arguments"] = token.Text } };
        call.Insert(0, "index", 0);
        return new JsonObject { ["tool_calls"] = new JsonArray(call) };
    }

    /// <summary>The message of an answer that is not streamed, without its tool calls, which each container puts elsewhere.</summary>
    public static JsonObject Message(OpenAIAnswer answer)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.TextOf(AnswerPart.Content) };
        if (answer.TextOf(AnswerPart.Reasoning) is { } reasoning)
        {
            message["reasoning_content"] = reasoning;
        }

        return message;
    }

    /// <summary>The tool calls of an answer that is not streamed; null when there is none.</summary>
    public static JsonArray? WholeToolCalls(OpenAIAnswer answer) =>
        answer.TextOf(AnswerPart.ToolArguments) is { } arguments ? new JsonArray(ToolCall(answer, arguments)) : null;

    private static JsonObject ToolCall(OpenAIAnswer answer, string arguments) => new()
    {
        ["id"] = $"chatcmpl-tool-{answer.Id}",
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = answer.Request.Called!.Name, ["arguments"] = arguments },
    };

    private static IEnumerable<int> Positions(OpenAIAnswer answer, Range tokens)
    {
        var (start, count) = tokens.GetOffsetAndLength(answer.Tokens.Count);
        return Enumerable.Range(start, count);
    }

    private static JsonObject Entry(AnswerToken token, float logprob) => new()
    {
        ["token"] = token.Name,
        ["logprob"] = logprob,
        ["bytes"] = new JsonArray([.. Encoding.UTF8.GetBytes(token.Name).Select(value => JsonValue.Create((int)value))]),
    };
}
