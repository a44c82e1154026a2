using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LambdaStreamer.LocalHost.CommandLine;
using OpenAI;
using OpenAI.Chat;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>OpenAI's own client for .NET.</summary>
internal sealed class DotNetClient
{
    private readonly Bench _bench;
    private readonly NotingHandler _handler;
    private readonly List<CellResult> _cells = [];
    private readonly StringBuilder _text = new();

    private DotNetClient(Bench bench, NotingHandler handler)
    {
        _bench = bench;
        _handler = handler;
    }

    public static async Task<IReadOnlyList<CellResult>> RunAsync(Bench bench)
    {
        using var handler = new NotingHandler();
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        return await new DotNetClient(bench, handler).RunAsync(http);
    }

    private async Task<IReadOnlyList<CellResult>> RunAsync(HttpClient http)
    {
        var chat = Chat(http, HostOptions.DefaultModelId);
        await CellAsync(Column.Stream, async () =>
        {
            var (pieces, finish, _) = await ReadAsync(chat);
            return new() { ["text"] = _text.ToString(), ["streamed"] = pieces > 100, ["finish"] = finish };
        });
        await CellAsync(Column.Buffered, async () =>
        {
            ChatCompletion answer = await chat.CompleteChatAsync(Expected.Question);
            return new() { ["text"] = answer.Content[0].Text, ["finish"] = $"{answer.FinishReason}" };
        });
        await CellAsync(Column.Stop, async () =>
        {
            var (_, finish, _) = await ReadAsync(chat, new() { StopSequences = { "steps", "never" } });
            return new() { ["text"] = _text.ToString(), ["finish"] = finish };
        });
        await CellAsync(Column.Logprobs, async () =>
        {
            var options = new ChatCompletionOptions { MaxOutputTokenCount = 3, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 };
            ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage(Expected.Question)], options);
            return new()
            {
                ["tokens"] = new JsonArray([.. answer.ContentTokenLogProbabilities.Select(static entry => JsonValue.Create(entry.Token))]),
                ["top"] = new JsonArray(
                    [.. answer.ContentTokenLogProbabilities.Select(static entry => JsonValue.Create(entry.TopLogProbabilities.Count))]),
                ["negative"] = answer.ContentTokenLogProbabilities.All(static entry => entry.LogProbability < 0),
            };
        });
        await CellAsync(Column.Usage, async () =>
        {
            var (_, _, usage) = await ReadAsync(chat, new() { MaxOutputTokenCount = 3 });
            return new() { ["input"] = usage!.InputTokenCount, ["output"] = usage.OutputTokenCount };
        });
        await CellAsync(Column.Tools, () => CallToolAsync(chat));
        await CellAsync(Column.ErrorBefore, () => RefusedAsync(chat), "model-error=422");
        await CellAsync(Column.ErrorMidStream, async () =>
        {
            // The client passes over the error event; that the body breaks off is what it raises.
            var error = await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(chat));
            return new() { ["text"] = _text.ToString(), ["error"] = error.GetType().Name };
        }, "model-stream-error@5");
        await CellAsync(Column.UnknownModel, () => RefusedAsync(Chat(http, "no-such-model")));
        await CellAsync(Column.Throttled, async () =>
        {
            await ReadAsync(chat);
            return new() { ["text"] = _text.ToString(), ["requests"] = _handler.Requests };
        }, $"throttle,times=3,writes={100_000 + _bench.NextNumber()}");
        await CellAsync(Column.Cancel, () => CancelAsync(http, chat), "stall@5");
        return _cells;
    }

    private ChatClient Chat(HttpClient http, string model) => new(
        model,
        new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(_bench.ChatUrl, "v1"), Transport = new HttpClientPipelineTransport(http) });

    private async Task CellAsync(string column, Func<Task<JsonObject>> run, string? fault = null)
    {
        _handler.Fault = fault;
        _handler.Requests = 0;
        try
        {
            _cells.Add(new(column, (await run()).ToJsonString(), null));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _cells.Add(new(column, null, e.ToString()));
        }
    }

    private async Task<(int Pieces, string Finish, ChatTokenUsage? Usage)> ReadAsync(
        ChatClient chat, ChatCompletionOptions? options = null, Func<Task>? onText = null, CancellationToken cancellation = default)
    {
        _text.Clear();
        var (pieces, finish, usage) = (0, "", (ChatTokenUsage?)null);
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage(Expected.Question)], options, cancellation))
        {
            foreach (var part in update.ContentUpdate)
            {
                _text.Append(part.Text);
                pieces++;
            }

            finish = update.FinishReason is { } reason ? $"{reason}" : finish;
            usage = update.Usage ?? usage;
            if (_text.Length > 0 && onText is not null)
            {
                await onText();
                onText = null;
            }
        }

        return (pieces, finish, usage);
    }

    private static async Task<JsonObject> CallToolAsync(ChatClient chat)
    {
        var schema = BinaryData.FromString(
            """
            {"type":"object","properties":{"city":{"type":"string","enum":["Paris"]}},"required":["city"],"additionalProperties":false}
            """);
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("get_weather", null, schema) } };
        var (name, arguments, finish) = ("", new StringBuilder(), "");
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("Ask get_weather about Paris.")], options))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                name += call.FunctionName;
                arguments.Append(call.FunctionArgumentsUpdate);
            }

            finish = update.FinishReason is { } reason ? $"{reason}" : finish;
        }

        return new() { ["name"] = name, ["arguments"] = JsonNode.Parse(arguments.ToString()), ["finish"] = finish };
    }

    private async Task<JsonObject> RefusedAsync(ChatClient chat)
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => ReadAsync(chat));
        using var body = JsonDocument.Parse(error.GetRawResponse()!.Content.ToMemory());
        var told = body.RootElement.GetProperty("error");
        return new()
        {
            ["error"] = error.GetType().Name,
            ["status"] = error.Status,
            ["message"] = told.GetProperty("message").GetString(),
            ["code"] = told.GetProperty("code").GetString(),
            ["param"] = told.GetProperty("param").GetString(),
        };
    }

    private async Task<JsonObject> CancelAsync(HttpClient http, ChatClient chat)
    {
        using var source = new CancellationTokenSource();
        var aborted = await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(chat, null, source.CancelAsync, source.Token));
        var status = await CancelAnswerAsync(http);
        var ended = await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(chat, null, () => CancelAnswerAsync(http)));
        _handler.Fault = null;
        ChatCompletion next = await chat.CompleteChatAsync(Expected.Question);
        return new()
        {
            ["aborted"] = aborted.GetType().Name,
            ["cancel"] = status,
            ["ended"] = ended.GetType().Name,
            ["next"] = next.Content[0].Text,
        };
    }

    private async Task<int> CancelAnswerAsync(HttpClient http)
    {
        using var response = await http.PostAsync(
            new Uri(_bench.ChatUrl, $"cancel/{_handler.RequestId}"), null, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
