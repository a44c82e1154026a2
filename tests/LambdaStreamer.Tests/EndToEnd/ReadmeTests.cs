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
            command == "tests/run" || command.StartsWith("dotnet run --project src/LambdaStreamer.LocalHost", StringComparison.Ordinal)
            || command.StartsWith("curl ", StringComparison.Ordinal) || command.Contains(" aws lambda invoke ", StringComparison.Ordinal)));

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
            File.Exists(Path.Combine(Tool.Repository, link.Groups[1].Value)) || Directory.Exists(Path.Combine(Tool.Repository, link.Groups[1].Value)),
            link.Value));

    [Fact]
    public async Task FirstCommand_PrintsTheAnswerTokenByToken()
    {
        using var ask = Tool.Start("bash", "-c", Commands[0]);
        var text = new StringBuilder();
        var buffer = new char[4096];
        var reads = 0;
        while (await ask.StandardOutput.ReadAsync(buffer, Cancellation) is var length and > 0)
        {
            text.Append(buffer, 0, length);
            reads++;
        }

        await ask.WaitForExitAsync(Cancellation);
        Assert.True(ask.ExitCode == 0, await ask.StandardError.ReadToEndAsync(Cancellation));
        Assert.Equal(Answer(256), text.ToString());
        Assert.True(reads >= 20, $"The answer came in {reads} pieces.");
    }

    [Fact]
    public async Task LocalServer_AnswersTheExamples()
    {
        // A session of its own, so that Ctrl-C can be sent to all of it as a terminal does; a test run in the background may have inherited "ignore".
        using var server = Tool.Start("setsid", "env", "--default-signal=INT", "bash", "-c", Commands.Single(static command => command == "dotnet run --project src/LambdaStreamer.LocalHost"));
        try
        {
            string? line;
            do
            {
                line = await server.StandardOutput.ReadLineAsync(Cancellation);
            }
            while (line is not (null or "Ctrl-C ends it."));
            Assert.True(line is not null, line is null ? await server.StandardError.ReadToEndAsync(Cancellation) : null);

            var examples = Commands.Where(static command => command.StartsWith("curl ", StringComparison.Ordinal)).ToArray();
            Assert.Equal(Answer(256), await RunAsync(examples[0]));
            Assert.Matches(TokenEvents(), await RunAsync(examples[1]));
            Assert.Matches(NdjsonLines(), await RunAsync(examples[2]));
            Assert.Equal($$"""[{"generated_text":"{{Answer(20).Replace("\n", "\\n", StringComparison.Ordinal)}}"}]""", await RunAsync(examples[3]));
            Assert.Equal(4, examples.Length);

            if ((await Tool.RunAsync("bash", "-c", "command -v aws")).ExitCode == 0)
            {
                var invoke = Commands.Single(static command => command.Contains(" aws lambda invoke ", StringComparison.Ordinal));
                var folder = Directory.CreateTempSubdirectory();
                Assert.Contains("[{\"generated_text\":\"", await RunAsync($"cd '{folder.FullName}'\n{invoke}"));
                folder.Delete(recursive: true);
            }

            Assert.Equal(0, (await Tool.RunAsync("kill", "-INT", "--", $"-{server.Id}")).ExitCode);
            await server.WaitForExitAsync(Cancellation);
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

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

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("""^(\{"text":".*","id":\d+,"logprob":-?[\d.e-]+,"special":false\}\n){20}\{"finish_reason":"length","generated_tokens":20,"input_tokens":\d+,"counted":false\}\n$""")]
    private static partial Regex NdjsonLines();

    [GeneratedRegex("""^(data: \{"index":\d+,"token":\{"id":\d+,"text":".*","logprob":-?[\d.e-]+,"special":(true|false)\},"generated_text":.*,"details":.*\}\n\n){20}$""")]
    private static partial Regex TokenEvents();
}
