using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The native function in front of a container that speaks JSON lines.</summary>
public sealed class MistralTests : IAsyncLifetime
{
    private const string Prompt = "How do I build a website?";

    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private RunningHost _host = null!;

    private static JumpStartModel Model
    {
        get
        {
            Assert.True(ModelCatalogue.TryFind("huggingface-llm-mistral-7b-instruct", out var model));
            return model;
        }
    }

    public async ValueTask InitializeAsync() => _host = await RunningHost.StartAsync(
        new HostOptions { ModelId = Model.Id, NativeBinary = NativeBinary.Path, Log = RunLog.Append }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [Fact]
    public async Task PlainText_IsTheModelsAnswer()
    {
        var text = await AskAsync("text/plain", $$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":256},"stream":true}""");
        Assert.Equal(ModelAnswer.VisibleText(Model, Prompt, 256), text);
    }

    [Fact]
    public async Task NoLimit_IsTheContainersToSet()
    {
        var text = await AskAsync("text/plain", $$"""{"inputs":"{{Prompt}}","stream":true}""");
        Assert.Equal(ModelAnswer.VisibleText(Model, Prompt, 30), text);
    }

    [Fact]
    public async Task Ndjson_EndsWithTheContainersCount()
    {
        var text = await AskAsync(
            "application/x-ndjson", $$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":20,"details":true},"stream":true}""");
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""{"finish_reason":"length","generated_tokens":20,"input_tokens":8,"counted":false}""", lines[^1]);
        Assert.Equal(20, lines.Length - 1);
        Assert.Equal(
            ModelAnswer.VisibleText(Model, Prompt, 20),
            string.Concat(lines.SkipLast(1).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString())));
    }

    private async Task<string> AskAsync(string accept, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _host.Lambda.FunctionUrl)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Accept", accept } },
        };
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(accept, response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
