using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker;
using LambdaStreamer.Tests.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The local twin as a program: what it prints and where, and its exit codes.</summary>
public class CommandLineTests
{
    private static readonly string Program = Path.Combine(
        Tool.Repository, "src/LambdaStreamer.LocalHost/bin", Configuration, "net10.0/LambdaStreamer.LocalHost");

    private static string Configuration =>
        typeof(CommandLineTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    [Fact]
    public async Task AskIntoAPipe_PrintsTheTextAndNothingElse()
    {
        Assert.True(ModelCatalogue.TryFind("huggingface-llm-mistral-7b-instruct", out var model));
        var (exitCode, output, errors) = await AskAsync("--model", model.Id, "--max-new-tokens", "40");
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 40), ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task AskOnATerminal_AddsALineWithTheFigures()
    {
        // script(1) gives the program a terminal.
        var command = $"'{Program}' ask Hello --first-token 0 --token-delay 0 --max-new-tokens 5 --aot '{NativeBinary.Path}'";
        var (exitCode, output, _) = await Tool.RunAsync("script", "-qec", command, "/dev/null");
        Assert.Equal(0, exitCode);
        Assert.Matches("\\e\\[2mfirst token after \\d+ ms, 5 tokens, [\\d.]+ tokens/s\\e\\[0m", output);
    }

    [Theory]
    [InlineData("throttle", "", "429: The endpoint is throttled; try again.\n")]
    [InlineData(
        "model-stream-error@2",
        "\nThat",
        "\nModelStreamError (ModelInvocationTimeExceeded): "
        + "Your model primary did not complete sending the inference response in the allotted time.\n")]
    [InlineData("reset@2", "\nThat", "\nThe connection to the endpoint broke.\n")]
    [InlineData("truncate@2", "\nThat", "\nThe endpoint's answer ended inside a frame.\n")]
    [InlineData("end@2", "\nThat", "\nThe model's answer ended without its end marker: it may be cut.\n")]
    [InlineData("tgi-error@2", "\nThat", "\nRequest failed during generation: Server error: CUDA out of memory\n")]
    public async Task AskWithAFault_PrintsWhatCameAndTheErrorAndExitsWithOne(string fault, string expectedOutput, string expectedErrors)
    {
        var (exitCode, output, errors) = await AskAsync("--fault", fault);
        Assert.Equal((1, expectedOutput, expectedErrors), (exitCode, output, errors));
    }

    [Fact]
    public async Task Replay_AnswersWithTheTranscript()
    {
        var (exitCode, output, errors) = await AskAsync("--replay", "tests/transcripts/20-parts-split-utf8.eventstream");
        Assert.Equal((0, "はい、富士山です。<NL>🗻", ""), (exitCode, output, errors));
    }

    [Theory]
    [InlineData("Required argument 'prompt' missing for command: 'ask'.", "ask")]
    [InlineData("Unrecognized command or argument '--nope'.", "ask", "Hello", "--nope")]
    [InlineData("--port must be a whole number from 0 to 65535.", "--port", "70000")]
    [InlineData("--port must be a whole number from 0 to 65535.", "--port", "-1")]
    [InlineData("--timeout must be a whole number from 1 to 900.", "ask", "Hello", "--timeout", "901")]
    [InlineData("--memory must be a whole number from 128 to 10240.", "--memory", "127")]
    [InlineData("--max-processes must be a whole number from 1 to 1000.", "--max-processes", "0")]
    [InlineData("--concurrency must be a whole number from 1 to 1600.", "--concurrency", "0")]
    [InlineData("--concurrency must be a whole number from 1 to 1600.", "--concurrency", "1601")]
    [InlineData("--concurrency must be a whole number from 1 to 1600.", "--concurrency", "many")]
    [InlineData("Unrecognized command or argument '--concurrency'.", "ask", "Hello", "--concurrency", "2")]
    [InlineData("--concurrency starts one process; --max-processes cannot be given with it.", "--concurrency", "2", "--max-processes", "2")]
    [InlineData("There is no model \"gpt\"; there are: ", "ask", "Hello", "--model", "gpt")]
    [InlineData("--fault: 'melt' is no fault.", "ask", "Hello", "--fault", "melt")]
    [InlineData("--upstream must be an http or https address; it is \"ftp://x\".", "ask", "Hello", "--upstream", "ftp://x")]
    [InlineData("There is no /nowhere/bootstrap. Publish it: make ", "ask", "Hello", "--aot", "/nowhere/bootstrap")]
    [InlineData("There is no AWS profile \"nobody\"", "ask", "Hello", "--sagemaker-endpoint", "e", "--profile", "nobody")]
    [InlineData("Could not find file '/nowhere.sse'", "ask", "Hello", "--replay", "/nowhere.sse")]
    [InlineData("Access to the path '", "ask", "Hello", "--replay", "tests")]
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
        var (exitCode, output, errors) =
            await Tool.RunAsync(Program, "--port", $"{port}", "--lambda-port", "0", "--sagemaker-port", "0");
        Assert.Equal(
            (2, "", $"Failed to bind to address http://127.0.0.1:{port}: address already in use.\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task Verbose_ShowsWhatTheFunctionAndLambdaSay()
    {
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        var (exitCode, output, errors) = await AskAsync("--max-new-tokens", "5", "--verbose");
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 5)), (exitCode, output));
        Assert.StartsWith("INIT_START Runtime Version: provided:al2023\n", errors, StringComparison.Ordinal);
        Assert.Contains("\nSTART RequestId: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProxyOfTheMachine_IsNotAsked()
    {
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        var (exitCode, output, errors) = await Tool.RunAsync(
            "env", "http_proxy=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1", "all_proxy=http://127.0.0.1:1",
            Program, "ask", "Hello", "--first-token", "0", "--token-delay", "0", "--max-new-tokens", "5", "--aot", NativeBinary.Path);
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 5), ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task Upstream_Answers()
    {
        using var upstream = new FakeUpstream();
        var asking = AskAsync("--upstream", upstream.Url.ToString());
        var (line, body) = await upstream.ReceiveAsync().WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
        Assert.Equal("POST /generate_stream HTTP/1.1", line);
        Assert.Contains("\"inputs\":\"Hello\"", body, StringComparison.Ordinal);
        await upstream.WriteAsync(FakeUpstream.ChunkedHead);
        await upstream.WriteChunkAsync(
            """data:{"token":{"id":1,"text":" there","logprob":-0.5,"special":false},"generated_text":null,"details":null}""" + "\n\n");
        await upstream.WriteChunkAsync(
            """data:{"token":{"id":2,"text":"!","logprob":-0.5,"special":false},"generated_text":" there!","details":null}""" + "\n\n");
        await upstream.WriteAsync("0\r\n\r\n");
        Assert.Equal((0, " there!", ""), await asking);
    }

    [Fact]
    public async Task MaxProcesses_LimitsTheCallsAtOnce()
    {
        await using var server = await ServeAsync("--max-processes", "1", "--fault", "stall@1");
        using var stalled = await server.PostAsync();
        Assert.Equal(HttpStatusCode.OK, stalled.StatusCode);
        using var refused = await server.PostAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task Concurrency_GivesOneProcessSeveralCallsAtOnceAndNoMore()
    {
        await using var server = await ServeAsync("--concurrency", "3", "--fault", "stall@1");
        using var first = await server.PostAsync();
        using var second = await server.PostAsync();

        // A cancel call finds only what runs in the process that it reaches.
        using (var cancelled = await server.CancelAsync(first.Headers.GetValues("x-request-id").Single()))
        {
            Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        }

        Assert.True((await FunctionUnderTest.ReadToEndAsync(first)).IsCut);
        using var third = await server.PostAsync();
        using var fourth = await server.PostAsync();
        using var fifth = await server.PostAsync();
        Assert.Equal(HttpStatusCode.OK, fourth.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, fifth.StatusCode);
    }

    [Fact]
    public async Task Seed_FixesTheLogProbabilities()
    {
        var answers = new List<string>();
        foreach (var seed in (string[])["7", "7", "8"])
        {
            await using var server = await ServeAsync("--seed", seed);
            using var response = await server.PostAsync();
            answers.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Contains("\"logprob\":-", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[0], answers[1]);
        Assert.NotEqual(answers[0], answers[2]);
    }

    [Fact]
    public async Task RealEndpoint_IsCalledWithTheProfilesCredentials()
    {
        await using var aws = await StartAwsAsync();
        var (exitCode, output, errors) = await AskAwsAsync(aws, "region = eu-west-1\n");
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        Assert.Equal((0, ModelAnswer.VisibleText(model, "Hello", 5), ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task RealEndpoint_IsCalledInTheRegionAndForTheComponentThatAreNamed()
    {
        await using var aws = await StartAwsAsync();
        var (exitCode, _, errors) = await AskAwsAsync(
            aws, "region = us-west-2\n", "--region", "eu-west-1", "--inference-component", "my-component");
        Assert.Equal((0, ""), (exitCode, errors));
        var request = Assert.Single(aws.Requests);
        Assert.True(request.Signature.IsValid, request.Signature.Message);
        Assert.Equal("my-component", request.Headers["X-Amzn-SageMaker-Inference-Component"]);
    }

    private static Task<(int ExitCode, string Output, string Errors)> AskAsync(params string[] more) =>
        Tool.RunAsync(
            Program, ["ask", "Hello", "--first-token", "0", "--token-delay", "0", "--aot", NativeBinary.Path, .. more]);

    private static async Task<Server> ServeAsync(params string[] more)
    {
        var process = Tool.Start(
            Program,
            ["--port", "0", "--lambda-port", "0", "--sagemaker-port", "0", "--first-token", "0", "--token-delay", "0",
             "--aot", NativeBinary.Path, .. more]);
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Tool.Patience, TestContext.Current.CancellationToken);
        Assert.StartsWith("Function URL  http://127.0.0.1:", line, StringComparison.Ordinal);
        return new Server(process, new Uri(line!.Split(' ')[^1]));
    }

    /// <summary>A SageMaker twin that stands in for AWS in eu-west-1; only the profile's keys are accepted there.</summary>
    private static Task<SageMakerTwin> StartAwsAsync() => SageMakerTwin.StartAsync(
        new SageMakerTwinOptions
        {
            AccessKeyId = "AKIDPROFILE",
            SecretAccessKey = "profile-secret",
            SessionToken = "profile-token",
            Region = "eu-west-1",
            Endpoints = new Dictionary<string, string> { ["my-endpoint"] = HostOptions.DefaultModelId },
        },
        TestContext.Current.CancellationToken);

    private static async Task<(int ExitCode, string Output, string Errors)> AskAwsAsync(
        SageMakerTwin aws, string regionLine, params string[] more)
    {
        var credentials = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                credentials,
                "[someone]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = profile-secret\n"
                + $"aws_session_token = profile-token\n{regionLine}",
                TestContext.Current.CancellationToken);
            return await Tool.RunAsync(
                "env",
                [$"AWS_SHARED_CREDENTIALS_FILE={credentials}", $"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME={aws.Url}",
                 Program, "ask", "Hello", "--sagemaker-endpoint", "my-endpoint", "--profile", "someone", "--max-new-tokens", "5",
                 "--aot", NativeBinary.Path, .. more]);
        }
        finally
        {
            File.Delete(credentials);
        }
    }

    private sealed class Server(Process process, Uri functionUrl) : IAsyncDisposable
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Tool.Patience };

        public Task<HttpResponseMessage> PostAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, functionUrl)
            {
                Content = new StringContent("""{"inputs":"Hello","parameters":{"max_new_tokens":5},"stream":true}"""),
                Headers = { { "Accept", "application/x-ndjson" } },
            };
            return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        }

        public Task<HttpResponseMessage> CancelAsync(string id) =>
            _client.PostAsync(new Uri(functionUrl, $"/cancel/{id}"), null, TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
