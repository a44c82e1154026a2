using System.Net;
using System.Net.Sockets;
using System.Reflection;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The local twin as a program: what it prints and where, and its exit codes.</summary>
public class CommandLineTests
{
    private static readonly string Program =
        Path.Combine(Tool.Repository, "src/LambdaStreamer.LocalHost/bin", Configuration, "net10.0/LambdaStreamer.LocalHost");

    private static string Configuration =>
        typeof(CommandLineTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    [Fact]
    public async Task AskIntoAPipe_PrintsTheTextAndNothingElse()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-mistral-7b-instruct", out var model));
        var (exitCode, output, errors) = await Tool.RunAsync(
            Program, "ask", "Hello", "--model", model.Id, "--first-token", "0", "--token-delay", "0", "--max-new-tokens", "40", "--aot", NativeBinary.Path);
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 40), ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task AskOnATerminal_AddsALineWithTheFigures()
    {
        // script(1) gives the program a terminal.
        var (exitCode, output, _) = await Tool.RunAsync(
            "script", "-qec", $"'{Program}' ask Hello --first-token 0 --token-delay 0 --max-new-tokens 5 --aot '{NativeBinary.Path}'", "/dev/null");
        Assert.Equal(0, exitCode);
        Assert.Matches("\\e\\[2mfirst token after \\d+ ms, 5 tokens, [\\d.]+ tokens/s\\e\\[0m", output);
    }

    [Theory]
    [InlineData("throttle", "", "429: The endpoint is throttled; try again.\n")]
    [InlineData("model-stream-error@2", "\nThat", "\nModelStreamError (ModelInvocationTimeExceeded): Your model primary did not complete sending the inference response in the allotted time.\n")]
    [InlineData("reset@2", "\nThat", "\nThe connection to the endpoint broke.\n")]
    [InlineData("truncate@2", "\nThat", "\nThe endpoint's answer ended inside a frame.\n")]
    [InlineData("end@2", "\nThat", "\nThe model's answer ended without its end marker: it may be cut.\n")]
    [InlineData("tgi-error@2", "\nThat", "\nRequest failed during generation: Server error: CUDA out of memory\n")]
    public async Task AskWithAFault_PrintsWhatCameAndTheErrorAndExitsWithOne(string fault, string expectedOutput, string expectedErrors)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(
            Program, "ask", "Hello", "--first-token", "0", "--token-delay", "0", "--fault", fault, "--aot", NativeBinary.Path);
        Assert.Equal((1, expectedOutput, expectedErrors), (exitCode, output, errors));
    }

    [Fact]
    public async Task Replay_AnswersWithTheTranscript()
    {
        var (exitCode, output, errors) = await Tool.RunAsync(
            Program, "ask", "Hello", "--replay", Path.Combine(Tool.Repository, "tests/transcripts/20-parts-split-utf8.eventstream"), "--aot", NativeBinary.Path);
        Assert.Equal((0, "はい、富士山です。<NL>🗻", ""), (exitCode, output, errors));
    }

    [Theory]
    [InlineData("Required argument 'prompt' missing for command: 'ask'.", "ask")]
    [InlineData("Unrecognized command or argument '--nope'.", "ask", "Hello", "--nope")]
    [InlineData("--port must be a whole number from 0 to 65535.", "--port", "70000")]
    [InlineData("--port must be a whole number from 0 to 65535.", "--port", "-1")]
    [InlineData("There is no model \"gpt\"; there are: ", "ask", "Hello", "--model", "gpt")]
    [InlineData("--fault: 'melt' is no fault.", "ask", "Hello", "--fault", "melt")]
    [InlineData("--upstream must be an http or https address; it is \"ftp://x\".", "ask", "Hello", "--upstream", "ftp://x")]
    [InlineData("There is no /nowhere/bootstrap. Publish it: make ", "ask", "Hello", "--aot", "/nowhere/bootstrap")]
    [InlineData("There is no AWS profile \"nobody\"", "ask", "Hello", "--sagemaker-endpoint", "e", "--profile", "nobody")]
    [InlineData("Could not find file '/nowhere.sse'", "ask", "Hello", "--replay", "/nowhere.sse")]
    public async Task CommandLineThatCannotBeServed_GetsOneLineAndExitsWithTwo(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(Program, arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(expected, errors);
        Assert.Equal(1, errors.Count(static character => character == '\n'));
    }

    [Fact]
    public async Task TakenPort_GetsOneLineAndExitsWithTwo()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var (exitCode, output, errors) = await Tool.RunAsync(Program, "--port", $"{port}", "--lambda-port", "0", "--sagemaker-port", "0");
        Assert.Equal((2, "", $"Failed to bind to address http://127.0.0.1:{port}: address already in use.\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task RealEndpoint_IsCalledWithTheProfilesCredentials()
    {
        // A SageMaker twin stands in for AWS; only the profile's keys are accepted there.
        await using var aws = await SageMakerTwin.StartAsync(
            new SageMakerTwinOptions
            {
                AccessKeyId = "AKIDPROFILE",
                SecretAccessKey = "profile-secret",
                SessionToken = "profile-token",
                Region = "eu-west-1",
                Endpoints = new Dictionary<string, string> { ["my-endpoint"] = HostOptions.DefaultModelId },
            },
            TestContext.Current.CancellationToken);
        var credentials = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            credentials,
            "[someone]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = profile-secret\naws_session_token = profile-token\nregion = eu-west-1\n",
            TestContext.Current.CancellationToken);
        var (exitCode, output, errors) = await Tool.RunAsync(
            "env", $"AWS_SHARED_CREDENTIALS_FILE={credentials}", $"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME={aws.Url}",
            Program, "ask", "Hello", "--sagemaker-endpoint", "my-endpoint", "--profile", "someone", "--max-new-tokens", "5", "--aot", NativeBinary.Path);
        File.Delete(credentials);
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 5), ""), (exitCode, output, errors));
    }
}
