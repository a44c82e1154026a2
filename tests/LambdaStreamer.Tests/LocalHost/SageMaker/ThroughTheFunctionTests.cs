using System.Text;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>OpenAI's forms posted to the function's <c>/invocations</c>: what the container says arrives as plain text.</summary>
public class ThroughTheFunctionTests
{
    private const string Question = "How do I build a website?";

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", true)]
    [InlineData("huggingface-llm-mistral-7b-instruct", false)]
    public async Task Chat_ArrivesAsText(string modelId, bool isVllm)
    {
        var (text, model) = await AskAsync(
            modelId, isVllm, $$"""{"messages":[{"role":"user","content":"{{Question}}"}],"max_tokens":150,"stream":true}""");
        Assert.Equal(ModelAnswer.VisibleText(model, Question, 150), text);
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", true)]
    [InlineData("huggingface-llm-falcon-7b-instruct-bf16", false)]
    [InlineData("huggingface-llm-mistral-7b", false)]
    public async Task Completions_ArriveAsText(string modelId, bool isVllm)
    {
        var (text, model) = await AskAsync(modelId, isVllm, $$"""{"prompt":"{{Question}}","max_tokens":50,"stream":true}""");
        Assert.Equal(ModelAnswer.VisibleText(model, Question, 50), text);
    }

    [Theory]
    [InlineData("huggingface-llm-falcon-180b-chat-bf16")]
    [InlineData("huggingface-llm-mistral-7b")]
    public async Task AskOfVllm_PrintsTheAnswer(string modelId)
    {
        var options = new HostOptions { ModelId = modelId, ServesWithVllm = true, NativeBinary = NativeBinary.Path, Log = RunLog.Append };
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exitCode = await AskCommand.RunAsync(
            options, Question, 30, isTerminal: false, output, errors, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (exitCode, errors.ToString()));
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        Assert.Equal(ModelAnswer.VisibleText(model with { Container = ContainerKind.Vllm }, Question, 30), output.ToString());
    }

    private static async Task<(string Text, JumpStartModel Model)> AskAsync(string modelId, bool isVllm, string body)
    {
        await using var host = await RunningHost.StartAsync(
            new HostOptions { ModelId = modelId, ServesWithVllm = isVllm, NativeBinary = NativeBinary.Path, Log = RunLog.Append },
            TestContext.Current.CancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Lambda.FunctionUrl, "invocations"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Accept", "text/plain" } },
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        return (
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            isVllm ? model with { Container = ContainerKind.Vllm } : model);
    }
}
