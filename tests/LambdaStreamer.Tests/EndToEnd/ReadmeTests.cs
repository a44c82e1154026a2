using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Runs the commands of the README as they stand there.</summary>
public partial class ReadmeTests
{
    private const string Prompt = "How do I build a website?";

    private static readonly string Text = File.ReadAllText(Path.Combine(Tool.Repository, "README.md"));

    private static readonly string[] Commands = [.. CommandBlock().Matches(Text).Select(static match => match.Groups[1].Value.Trim())];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryCommand_IsRunByATestHere() =>
        Assert.All(Commands, static command => Assert.True(
            command == "tests/run"
            || command.StartsWith("dotnet run --project src/LambdaStreamer.LocalHost", StringComparison.Ordinal)
            || command.StartsWith("curl ", StringComparison.Ordinal)
            || command.Contains(" aws lambda invoke ", StringComparison.Ordinal)));

    [Fact]
    public async Task TestCommand_IsWhatCiRuns()
    {
        Assert.Contains("tests/run", Commands);
        Assert.Equal(0, (await Tool.RunAsync("test", "-x", "tests/run")).ExitCode);
        Assert.Contains("exec \"$(dirname \"$0\")/../tests/run\"", File.ReadAllText(Path.Combine(Tool.Repository, ".ci/run")));
    }

    [Fact]
    public void Links_LeadToFiles() =>
        Assert.All(Link().Matches(Text), static link => Assert.True(
            Path.Exists(Path.Combine(Tool.Repository, link.Groups[1].Value)),
            link.Value));

    [Fact]
    public async Task FirstCommand_PrintsTheAnswerTokenByToken()
    {
        using var ask = Tool.Start("bash", "-c", Commands[0]);
        try
        {
            var text = new StringBuilder();
            var buffer = new char[4096];
            var reads = 0;
            while (await ReadAsync() is var length and > 0)
            {
                text.Append(buffer, 0, length);
                reads++;
            }

            await ask.WaitForExitAsync(Cancellation).WaitAsync(Tool.Patience, Cancellation);
            Assert.True(ask.ExitCode == 0, await ask.StandardError.ReadToEndAsync(Cancellation));
            Assert.Equal(Answer(256), text.ToString());
            Assert.True(reads >= 20, $"The answer came in {reads} pieces.");

            Task<int> ReadAsync() => ask.StandardOutput.ReadAsync(buffer, Cancellation).AsTask().WaitAsync(Tool.Patience, Cancellation);
        }
        finally
        {
            ask.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task LocalServer_AnswersTheExamplesAndLeavesNoProcessBehind()
    {
        using var server = await ServeAsync();
        try
        {
            var examples = Commands.Where(static command =>
                command.StartsWith("curl ", StringComparison.Ordinal) && !IsCancel(command) && !IsOpenAI(command)).ToArray();
            Assert.Equal(Answer(256), await RunAsync(examples[0]));
            Assert.Matches(TokenEvents(), await RunAsync(examples[1]));
            Assert.Matches(NdjsonLines(), await RunAsync(examples[2]));
            var buffered = Answer(20).Replace("\n", "\\n", StringComparison.Ordinal);
            Assert.Equal($$"""[{"generated_text":"{{buffered}}"}]""", await RunAsync(examples[3]));
            Assert.Equal(4, examples.Length);

            var chunks = await RunAsync(Commands.Single(IsOpenAI));
            Assert.StartsWith("data: {\"id\":\"chatcmpl-", chunks, StringComparison.Ordinal);
            Assert.EndsWith("\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", chunks, StringComparison.Ordinal);

            var functions = FunctionProcesses(server.Id);
            Assert.NotEmpty(functions);
            Assert.Equal(0, (await Tool.RunAsync("kill", "-INT", "--", $"-{server.Id}")).ExitCode);
            await server.WaitForExitAsync(Cancellation).WaitAsync(Tool.Patience, Cancellation);
            Assert.Equal(0, server.ExitCode);
            Assert.True(SpinWait.SpinUntil(() => FunctionProcesses(server.Id).Length == 0, TimeSpan.FromSeconds(30)));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task LocalServer_AnswersTheDirectInvocation()
    {
        var (exitCode, output, errors) = await Tool.RunAsync("bash", "-c", "aws --version");
        Assert.SkipWhen(exitCode != 0, "The AWS CLI is not installed on this machine.");
        Assert.SkipUnless(
            (output + errors).StartsWith("aws-cli/1.", StringComparison.Ordinal),
            "The command as it stands is for version 1 of the AWS CLI.");
        using var server = await ServeAsync();
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var invoke = Commands.Single(static command => command.Contains(" aws lambda invoke ", StringComparison.Ordinal));
            Assert.Contains("[{\"generated_text\":\"", await RunAsync($"cd '{folder.FullName}'\n{invoke}"), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task LocalServerWithSeveralAnswersInOneProcess_CancelsOne()
    {
        using var server = await ServeAsync(" -- --concurrency 8");
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var output = await RunAsync($"cd '{folder.FullName}'\n{Commands.Single(IsCancel)}");
            Assert.Contains("{\"cancelled\":\"", output, StringComparison.Ordinal);
            Assert.Contains("\n[error: The answer was cancelled.]\n", output, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("python", "python3", "answer.py")]
    [InlineData("js", "node", "answer.mjs")]
    [InlineData("csharp", "dotnet", "answer.cs")]
    public async Task LocalServer_AnswersTheSnippets(string language, string program, string file)
    {
        var snippets = Snippet().Matches(Text)
            .Where(match => match.Groups[1].Value == language)
            .Select(static match => match.Groups[2].Value)
            .ToArray();
        Assert.NotEmpty(snippets);
        var folder = Directory.CreateTempSubdirectory();
        using var server = await ServeAsync();
        try
        {
            if (language == "js")
            {
                NodeModules.Require();
                Directory.CreateSymbolicLink(
                    Path.Combine(folder.FullName, "node_modules"), Path.Combine(NodeModules.Folder, "node_modules"));
            }

            var path = Path.Combine(folder.FullName, file);
            string[] arguments = program == "dotnet" ? ["run", path] : [path];
            foreach (var snippet in snippets)
            {
                await File.WriteAllTextAsync(path, snippet, Cancellation);
                var (exitCode, output, errors) = await Tool.RunAsync(program, arguments);
                Assert.True(exitCode == 0, $"{snippet}\n{output}{errors}");
                Assert.Equal(Answer(256), output);
            }
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void EverySnippet_IsRunByATestHere() =>
        Assert.Equal(
            ["csharp", "js", "js", "js", "python"],
            Snippet().Matches(Text).Select(static match => match.Groups[1].Value).Where(static language => language != "sh").Order());

    private static bool IsOpenAI(string command) => command.Contains("/v1/", StringComparison.Ordinal);

    private static bool IsCancel(string command) => command.Contains("/cancel/", StringComparison.Ordinal);

    // A session of its own, so that Ctrl-C can be sent to all of it as a terminal does; a test run in the background may have inherited
    // "ignore".
    private static async Task<Process> ServeAsync(string options = "")
    {
        var command = Commands.Single(command => command == "dotnet run --project src/LambdaStreamer.LocalHost" + options);
        var server = Tool.Start("setsid", "env", "--default-signal=INT", "bash", "-c", command);
        try
        {
            string? line;
            do
            {
                line = await server.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(Tool.Patience, Cancellation);
            }
            while (line is not (null or "Ctrl-C ends it."));
            Assert.True(line is not null, line is null ? await server.StandardError.ReadToEndAsync(Cancellation) : null);
            return server;
        }
        catch
        {
            server.Kill(entireProcessTree: true);
            server.Dispose();
            throw;
        }
    }

    /// <summary>
    /// proc(5): the session is the fourth field behind the command's closing parenthesis; a zombie has an empty command line.
    /// </summary>
    private static string[] FunctionProcesses(int session) =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder =>
        {
            try
            {
                return int.TryParse(Path.GetFileName(folder), out _)
                    && File.ReadAllText($"{folder}/stat").Split(") ")[^1].Split(' ')[3] == $"{session}"
                    && File.ReadAllText($"{folder}/cmdline").Contains("/bootstrap.dll", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // It has just ended.
                return false;
            }
        })];

    private static string Answer(int maxNewTokens)
    {
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        return ModelAnswer.VisibleText(model, Prompt, maxNewTokens);
    }

    private static async Task<string> RunAsync(string command)
    {
        var (exitCode, output, errors) = await Tool.RunAsync("bash", "-c", command.Replace("curl ", "curl -sS ", StringComparison.Ordinal));
        Assert.True(exitCode == 0, $"{command}\n{errors}");
        return output;
    }

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CommandBlock();

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\]\((?!https:)([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(
        """^(\{"text":".*","id":\d+,"logprob":-?[\d.e-]+,"special":false\}\n){20}"""
        + """\{"finish_reason":"length","generated_tokens":20,"input_tokens":\d+,"counted":false\}\n$""")]
    private static partial Regex NdjsonLines();

    [GeneratedRegex(
        """^(data: \{"index":\d+,"token":\{"id":\d+,"text":".*","logprob":-?[\d.e-]+,"special":(true|false)\}"""
        + ""","generated_text":.*,"details":.*\}\n\n){20}$""")]
    private static partial Regex TokenEvents();
}
