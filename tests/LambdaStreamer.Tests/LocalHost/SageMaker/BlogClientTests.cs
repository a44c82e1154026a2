using System.Diagnostics;
using System.Runtime.CompilerServices;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>The Python program of the blog against the twin: AWS's own client checks framing, signature and exceptions.</summary>
public class BlogClientTests
{
    private const string Prompt = "How do I build a website?";

    [Theory]
    [InlineData("huggingface-llm-falcon-7b-bf16")]
    [InlineData("huggingface-llm-rinna-3-6b-instruction-ppo-bf16")]
    [InlineData("huggingface-llm-bilingual-rinna-4b-instruction-ppo-bf16")]
    public async Task TokenIterator_PrintsTheModelsText(string modelId)
    {
        await Tool.RequireBoto3Async();
        await using var twin = await TwinCall.StartTwinAsync();
        var (exitCode, output, error) = await RunBlogClientAsync(twin, modelId);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.True(ModelCatalogue.TryFind(modelId, out var model));
        Assert.Equal(ModelAnswer.VisibleText(model, Prompt, 256), output);
        Assert.True(Assert.Single(twin.Requests).Signature.IsValid);
    }

    [Fact]
    public async Task TokenIterator_ReadsPartsOfThreeBytesInWritesOfFive()
    {
        await Tool.RequireBoto3Async();
        await using var twin = await TwinCall.StartTwinAsync(options => options with { DefaultFault = Fault.Parse("parts=3,writes=5") });
        const string ModelId = "huggingface-llm-rinna-3-6b-instruction-ppo-bf16";
        var (exitCode, output, error) = await RunBlogClientAsync(twin, ModelId);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.True(ModelCatalogue.TryFind(ModelId, out var model));
        Assert.Equal(ModelAnswer.VisibleText(model, Prompt, 256), output);
    }

    [Theory]
    [InlineData("model-stream-error@3", "EventStreamError: An error occurred (ModelStreamError) when calling the ")]
    [InlineData("internal-stream-failure@3", "EventStreamError: An error occurred (InternalStreamFailure) when calling the ")]
    [InlineData("error-frame@3", "EventStreamError: An error occurred (InternalError) when calling the ")]
    [InlineData("bad-crc@3", "ChecksumMismatch: ")]
    [InlineData("tgi-error@3", "RuntimeError: generation: Request failed during generation: Server error: CUDA out of memory")]
    [InlineData("end@3", "EOFError: the stream ended before the model did")]
    [InlineData("truncate@3", "EOFError: the stream ended before the model did")]
    public async Task Fault_IsWhatBotocoreSays(string fault, string message)
    {
        await Tool.RequireBoto3Async();
        await using var twin = await TwinCall.StartTwinAsync();
        var (exitCode, output, error) = await RunBlogClientAsync(
            twin, "huggingface-llm-falcon-7b-bf16", "--custom-attributes", $"fault={fault}");
        Assert.Equal((1, "\n\nBuilding a"), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunBlogClientAsync(
        SageMakerTwin twin, string endpoint, params string[] more)
    {
        var start = new ProcessStartInfo(
            "python3", [Script(), "--url", twin.Url.ToString(), "--endpoint", endpoint, "--prompt", Prompt, .. more]);
        start.Environment["AWS_ACCESS_KEY_ID"] = TwinCall.AccessKeyId;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = TwinCall.SecretAccessKey;
        start.Environment["AWS_SESSION_TOKEN"] = TwinCall.SessionToken;
        start.Environment["AWS_REGION"] = "us-east-1";
        start.Environment["AWS_CONFIG_FILE"] = "/dev/null";
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return RunAsync(start);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    // tests/python lies beside the test project, whose sources stay where they are when it runs.
    private static string Script([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../python/blog_token_iterator.py"));
}
