using System.Text.Json;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>AWS's own clients against the whole twin with the native function behind it.</summary>
public sealed class RealClientTests : IAsyncLifetime
{
    private const string Prompt = "How do I build a website?";

    private RunningHost _host = null!;

    private static string Answer
    {
        get
        {
            Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
            return ModelAnswer.VisibleText(model, Prompt, maxNewTokens: 256);
        }
    }

    public async ValueTask InitializeAsync() =>
        _host = await RunningHost.StartAsync(new HostOptions { NativeBinary = NativeBinary.Path, Log = RunLog.Append }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [Fact]
    public async Task AwsCliInvoke_GetsTheBufferedAnswer()
    {
        var answer = await InvokeWithCliAsync($$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":256} }""");
        using var json = JsonDocument.Parse(answer);
        Assert.Equal(Answer, json.RootElement[0].GetProperty("generated_text").GetString());
    }

    [Fact]
    public async Task AwsCliInvokeWithStream_GetsTheStreamedAnswer() =>
        Assert.Equal(
            Answer, await InvokeWithCliAsync($$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":256},"stream":true}"""));

    [Fact]
    public async Task NodeSdkInvokeWithResponseStream_GetsTheTokensOneByOne()
    {
        NodeModules.Require();
        var result = await Tool.RunAsync(
            "node",
            Path.Combine(NodeModules.Folder, "invoke-with-response-stream.mjs"),
            _host.Lambda.LambdaApiUrl.ToString(),
            "lambda-streamer",
            $$"""{"inputs":"{{Prompt}}","parameters":{"max_new_tokens":256},"stream":true}""");
        Assert.True(result.ExitCode == 0, result.Errors);
        var events = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        var chunks = events.Where(static item => item.TryGetProperty("chunk", out _))
            .Select(static item => item.GetProperty("chunk").GetString())
            .ToArray();
        Assert.Equal(Answer, string.Concat(chunks));
        Assert.True(chunks.Length > 1, "The answer came in one piece.");
        Assert.Equal("""{"complete":{}}""", events[^1].GetRawText());
    }

    [Fact]
    public async Task BlogsTokenIterator_PrintsTheModelsAnswer()
    {
        await Tool.RequireBoto3Async();
        var result = await Tool.RunAsync(
            "python3",
            Path.Combine(Tool.Repository, "tests/python/blog_token_iterator.py"),
            "--url", _host.SageMaker!.Url.ToString(), "--endpoint", HostOptions.DefaultModelId, "--prompt", Prompt);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(Answer, result.Output);
    }

    // A payload on the command line is text to version 1 and base64 to version 2; a file of bytes is the same to both.
    private async Task<string> InvokeWithCliAsync(string payload)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "payload"), Path.Combine(folder.FullName, "answer"));
            await File.WriteAllTextAsync(input, payload, TestContext.Current.CancellationToken);
            var result = await Tool.RunAsync(
                "aws", "lambda", "invoke", "--endpoint-url", _host.Lambda.LambdaApiUrl.ToString(), "--region", "us-east-1",
                "--function-name", "lambda-streamer", "--payload", $"fileb://{input}", output);
            Assert.True(result.ExitCode == 0, result.Errors);
            Assert.Empty(_host.Lambda.Violations);
            return await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
