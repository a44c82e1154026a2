using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>curl, which shows the bytes: what is read out of them here is what a script would read.</summary>
internal sealed partial class CurlClient(Bench bench)
{
    private const string Question = $$"""{"role":"user","content":"{{Expected.Question}}"}""";

    private readonly List<CellResult> _cells = [];

    public static Task<IReadOnlyList<CellResult>> RunAsync(Bench bench) => new CurlClient(bench).RunAsync();

    private async Task<IReadOnlyList<CellResult>> RunAsync()
    {
        await CellAsync(Column.Stream, async () =>
        {
            var answer = Stream(await CurlAsync(Body(Question, "\"stream\":true")));
            return new()
            {
                ["text"] = answer.Text,
                ["streamed"] = answer.Pieces > 100,
                ["finish"] = answer.Finish,
                ["done"] = answer.IsDone,
            };
        });
        await CellAsync(Column.Buffered, async () =>
        {
            var choice = Json(await CurlAsync(Body(Question)))["choices"]![0]!;
            return new() { ["text"] = choice["message"]!["content"]!.DeepClone(), ["finish"] = choice["finish_reason"]!.DeepClone() };
        });
        await CellAsync(Column.Stop, async () =>
        {
            var answer = Stream(await CurlAsync(Body(Question, """ "stream":true,"stop":["steps","never"] """)));
            return new() { ["text"] = answer.Text, ["finish"] = answer.Finish };
        });
        await CellAsync(Column.Logprobs, async () =>
        {
            var answer = Json(await CurlAsync(Body(Question, """ "max_tokens":3,"logprobs":true,"top_logprobs":2 """)));
            var entries = answer["choices"]![0]!["logprobs"]!["content"]!.AsArray();
            return new()
            {
                ["tokens"] = new JsonArray([.. entries.Select(static entry => entry!["token"]!.DeepClone())]),
                ["top"] = new JsonArray([.. entries.Select(static entry => JsonValue.Create(entry!["top_logprobs"]!.AsArray().Count))]),
                ["negative"] = entries.All(static entry => entry!["logprob"]!.GetValue<double>() < 0),
            };
        });
        await CellAsync(Column.Usage, async () =>
        {
            const string Asked = """ "max_tokens":3,"stream":true,"stream_options":{"include_usage":true} """;
            var usage = Events((await CurlAsync(Body(Question, Asked))).Output)[^2]["usage"]!;
            return new() { ["input"] = usage["prompt_tokens"]!.DeepClone(), ["output"] = usage["completion_tokens"]!.DeepClone() };
        });
        await CellAsync(Column.Tools, async () =>
        {
            const string Tools = """
                "tools":[{"type":"function","function":{"name":"get_weather","parameters":{
                "type":"object","properties":{"city":{"enum":["Paris"]}},"required":["city"]}}}]
                """;
            var choice = Json(await CurlAsync(Body("""{"role":"user","content":"Ask get_weather about Paris."}""", Tools)))["choices"]![0]!;
            var call = choice["message"]!["tool_calls"]![0]!["function"]!;
            return new()
            {
                ["name"] = call["name"]!.DeepClone(),
                ["arguments"] = JsonNode.Parse(call["arguments"]!.GetValue<string>()),
                ["finish"] = choice["finish_reason"]!.DeepClone(),
            };
        });
        await CellAsync(Column.ErrorBefore, () => RefusedAsync(Body(Question, "\"stream\":true"), Fault("model-error=422")));
        await CellAsync(Column.ErrorMidStream, async () =>
        {
            var answer = await CurlAsync(Body(Question, "\"stream\":true"), Fault("model-stream-error@5"));
            var (text, _, _, isDone) = Stream(answer);
            var message = Events(answer.Output)[^1]["error"]!["message"]!;
            return new() { ["text"] = text, ["done"] = isDone, ["exit"] = answer.ExitCode, ["message"] = message.DeepClone() };
        });
        await CellAsync(Column.UnknownModel, () => RefusedAsync($$"""{"model":"no-such-model","messages":[{{Question}}]}"""));
        await CellAsync(Column.Throttled, async () =>
        {
            var fault = Fault($"throttle,times=3,writes={100_000 + bench.NextNumber()}");
            var answer = await CurlAsync(Body(Question, "\"stream\":true"), [.. fault, "--fail", "--retry", "2", "-D", "/dev/stderr"]);
            return new() { ["text"] = Stream(answer).Text, ["requests"] = StatusLine().Count(answer.Errors) };
        });
        await CellAsync(Column.Cancel, CancelAsync);
        return _cells;
    }

    private static string Body(string message, string? more = null) =>
        $$"""{"model":"{{HostOptions.DefaultModelId}}","messages":[{{message}}]{{(more is null ? "" : $",{more}")}}}""";

    private static string[] Fault(string fault) => ["-H", $"X-Amzn-SageMaker-Custom-Attributes: fault={fault}"];

    private async Task CellAsync(string column, Func<Task<JsonObject>> run)
    {
        try
        {
            _cells.Add(new(column, (await run()).ToJsonString(), null));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _cells.Add(new(column, null, e.ToString()));
        }
    }

    private string[] Arguments(string body, string[] more) =>
        ["-sSN", new Uri(bench.ChatUrl, "v1/chat/completions").ToString(), "-H", "content-type: application/json", "-d", body, .. more];

    private async Task<(string Output, int ExitCode, string Errors)> CurlAsync(string body, params string[] more)
    {
        var (exitCode, output, errors) = await Tool.RunAsync("curl", Arguments(body, more));
        return (output, exitCode, errors);
    }

    private async Task<JsonObject> RefusedAsync(string body, params string[] more)
    {
        var (output, _, _) = await CurlAsync(body, [.. more, "-w", "\n%{http_code}"]);
        var lines = output.Split('\n');
        var error = JsonNode.Parse(lines[0])!["error"]!;
        return new()
        {
            ["status"] = int.Parse(lines[1]),
            ["message"] = error["message"]!.DeepClone(),
            ["code"] = error["code"]?.DeepClone(),
            ["param"] = error["param"]?.DeepClone(),
        };
    }

    private async Task<JsonObject> CancelAsync()
    {
        // :: Step 1: the client leaves
        string id;
        using (var curl = Start())
        {
            id = await ReadUntilTextAsync(curl);
            curl.Kill();
            await curl.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var status = await CancelAnswerAsync(id);

        // :: Step 2: the function ends it
        using var cancelled = Start();
        await CancelAnswerAsync(await ReadUntilTextAsync(cancelled));
        var rest = await cancelled.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await cancelled.WaitForExitAsync(TestContext.Current.CancellationToken);

        // :: Step 3: and goes on
        var next = Json(await CurlAsync(Body(Question)))["choices"]![0]!["message"]!["content"]!;
        return new()
        {
            ["cancel"] = status,
            ["exit"] = cancelled.ExitCode,
            ["ended"] = Events(rest)[^1]["error"]!["message"]!.DeepClone(),
            ["next"] = next.DeepClone(),
        };

        Process Start() => Tool.Start("curl", Arguments(Body(Question, "\"stream\":true"), [.. Fault("stall@5"), "-i"]));
    }

    private async Task<int> CancelAnswerAsync(string id)
    {
        var url = new Uri(bench.ChatUrl, $"cancel/{id}").ToString();
        var (_, output, _) = await Tool.RunAsync("curl", "-sS", "-X", "POST", url, "-o", "/dev/null", "-w", "%{http_code}");
        return int.Parse(output);
    }

    /// <summary>The answer's <c>x-request-id</c>, once some of its text is there.</summary>
    private static async Task<string> ReadUntilTextAsync(Process curl)
    {
        var id = "";
        while (await curl.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Tool.Patience) is { } line)
        {
            if (line.StartsWith("x-request-id: ", StringComparison.OrdinalIgnoreCase))
            {
                id = line["x-request-id: ".Length..].Trim();
            }

            if (line.Contains("\"content\":\"\\n\"", StringComparison.Ordinal))
            {
                return id;
            }
        }

        throw new InvalidOperationException("The answer has no text.");
    }

    private static JsonNode Json((string Output, int ExitCode, string Errors) answer) => JsonNode.Parse(answer.Output)!;

    private static (string Text, int Pieces, string? Finish, bool IsDone) Stream((string Output, int ExitCode, string Errors) answer)
    {
        var text = new StringBuilder();
        var (pieces, finish) = (0, (string?)null);
        foreach (var data in Events(answer.Output))
        {
            if (data["choices"] is JsonArray { Count: > 0 } choices)
            {
                text.Append(choices[0]!["delta"]!["content"]?.GetValue<string>());
                finish = choices[0]!["finish_reason"]?.GetValue<string>() ?? finish;
                pieces++;
            }
        }

        return (text.ToString(), pieces, finish, answer.Output.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));
    }

    /// <summary>The events' data; <c>[DONE]</c> is an empty object.</summary>
    private static JsonNode[] Events(string stream) =>
        [.. Data().Matches(stream).Select(static match => match.Groups[1].Value).Select(static data =>
            data == "[DONE]" ? new JsonObject() : JsonNode.Parse(data)!)];

    [GeneratedRegex("^data: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Data();

    [GeneratedRegex("^HTTP/1.1 [24]", RegexOptions.Multiline)]
    private static partial Regex StatusLine();
}
