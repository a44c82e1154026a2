using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LambdaStreamer.Catalogue;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>
/// A chat of three turns with each of the ten models in its own container, base models included, through the native function.
/// </summary>
public class TenModelsTests
{
    private const string Question = "How do I build a website?";

    // The second turn ends at its limit, the others where the model's end token may show.
    private static readonly int[] Limits = [600, 20, 600];

    public static TheoryData<string> Ids { get; } = [.. ModelCatalogue.All.Select(static model => model.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task ChatOfThreeTurns_IsTheModelsTextAlone(string id)
    {
        Assert.True(ModelCatalogue.TryFind(id, out var staged));
        Assert.True(JumpStartCatalogue.TryFind(id, out var model));
        await using var host = await RunningHost.StartAsync(
            new HostOptions { ModelId = id, NativeBinary = NativeBinary.Path, Log = RunLog.Append }, TestContext.Current.CancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Lambda.FunctionUrl };
        var messages = new JsonArray();
        foreach (var limit in Limits)
        {
            messages.Add(Message("user", Question));
            var (text, finishReason) = await AskAsync(client, id, messages, limit);

            // The first rinna model writes a tag for a line end.
            var expected = ModelAnswer.VisibleText(staged, Question, limit).Replace("<NL>", "\n", StringComparison.Ordinal);
            Assert.Equal(expected, text);
            Assert.Equal(limit == 20 ? "length" : "stop", finishReason);
            string[] markup =
            [
                .. model.SpecialTokens, .. model.Template.Markers.Select(static marker => marker.Trim()), model.NewlineMarker,
                model.Template.GenerationPrefix.Trim(),
            ];
            Assert.All(
                markup.Where(static mark => mark.Length > 0),
                mark => Assert.DoesNotContain(mark, text, StringComparison.Ordinal));
            messages.Add(Message("assistant", text));
        }

        Assert.Empty(host.Lambda.Violations);
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static async Task<(string Text, string? FinishReason)> AskAsync(HttpClient client, string id, JsonArray messages, int limit)
    {
        var body = new JsonObject { ["model"] = id, ["messages"] = messages.DeepClone(), ["max_tokens"] = limit, ["stream"] = true };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(
            new Uri("v1/chat/completions", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var stream = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, stream);
        Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
        var text = new StringBuilder();
        string? finishReason = null;
        foreach (var line in stream.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            using var chunk = JsonDocument.Parse(line["data: ".Length..]);
            var choice = chunk.RootElement.GetProperty("choices")[0];
            text.Append(choice.GetProperty("delta").TryGetProperty("content", out var piece) ? piece.GetString() : null);
            finishReason = choice.GetProperty("finish_reason").GetString() ?? finishReason;
        }

        return (text.ToString(), finishReason);
    }
}
