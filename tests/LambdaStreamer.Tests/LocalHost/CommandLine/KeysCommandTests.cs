using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LambdaStreamer.Access;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.LocalHost.CommandLine;

public class KeysCommandTests
{
    private static readonly string Program = typeof(KeysCommand).Assembly.Location;

    [Fact]
    public async Task NewKeyIntoAPipe_IsTheKeyAndItsEntry()
    {
        var (exitCode, output, errors) = await NewAsync("team-a");

        Assert.Equal((0, ""), (exitCode, errors));
        var lines = output.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches("^lsk_[A-Za-z0-9_-]{43}$", lines[0]);
        Assert.Equal($"team-a={Sha256(lines[0])}", lines[1]);
        Assert.Equal("", lines[2]);
    }

    [Fact]
    public async Task NewKeyWithLimits_HasThemInItsEntry()
    {
        var (exitCode, output, errors) = await NewAsync(
            "Ann.B_c-9", "--models", "m-1|m 2", "--max-new-tokens", "256", "--models", "m3", "--models", "m-1", "--expires", "9999-12-31");

        Assert.Equal((0, ""), (exitCode, errors));
        var lines = output.Split('\n');
        Assert.Equal($"Ann.B_c-9={Sha256(lines[0])};expires=9999-12-31;models=m-1|m 2|m3;max_new_tokens=256", lines[1]);
    }

    [Fact]
    public async Task NewKey_IsOneThatTheFunctionTakes()
    {
        var (_, output, _) = await NewAsync("team-a", "--models", "small", "--max-new-tokens", "256", "--expires", "9999-12-31");
        var lines = output.Split('\n');
        var errors = new List<string>();
        var keys = ApiKeyList.Parse(lines[1], [new ServedModel { Id = "small", EndpointName = "e" }], errors);
        Assert.Empty(errors);
        var key = keys.Find(lines[0]);
        Assert.Equal(("team-a", new DateOnly(9999, 12, 31), 256), (key?.Name, key?.LastDay, key?.MaxNewTokens));
    }

    [Fact]
    public async Task Json_IsOneObjectWithNameKeyAndEntry()
    {
        var (exitCode, output, errors) = await NewAsync("a", "--json");

        Assert.Equal((0, ""), (exitCode, errors));
        using var json = JsonDocument.Parse(output);
        var key = json.RootElement.GetProperty("key").GetString()!;
        Assert.Matches("^lsk_[A-Za-z0-9_-]{43}$", key);
        Assert.Equal($$"""{"name":"a","key":"{{key}}","entry":"a={{Sha256(key)}}"}""" + "\n", output);
    }

    [Fact]
    public async Task Terminal_IsToldWhatToDoWithEach()
    {
        // script(1) gives the program a terminal.
        var (exitCode, output, _) = await Tool.RunAsync("script", "-qec", $"dotnet '{Program}' keys new a", "/dev/null");

        Assert.Equal(0, exitCode);
        Assert.Contains("who sends it as x-api-key.", output, StringComparison.Ordinal);
        Assert.Contains("goes into the function's API_KEY_HASHES", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachKey_IsAnother() =>
        Assert.NotEqual((await NewAsync("a")).Output.Split('\n')[0], (await NewAsync("a")).Output.Split('\n')[0]);

    [Theory]
    [InlineData("Required command was not provided.", "keys")]
    [InlineData("Required argument 'name' missing for command: 'new'.", "keys", "new")]
    [InlineData("Unrecognized command or argument 'b'.", "keys", "new", "a", "b")]
    [InlineData("Unrecognized command or argument '--model'.", "keys", "new", "a", "--model", "m")]
    [InlineData("A key's name is 1 to 64 of A-Z a-z 0-9 . _ - and nothing else.", "keys", "new", "")]
    [InlineData("A key's name is 1 to 64 of A-Z a-z 0-9 . _ - and nothing else.", "keys", "new", "a=b")]
    [InlineData("A key's name is 1 to 64 of A-Z a-z 0-9 . _ - and nothing else.", "keys", "new", "é")]
    [InlineData("A key's name is 1 to 64 of A-Z a-z 0-9 . _ - and nothing else.", "keys", "new", "a\n")]
    [InlineData(
        "A key's name is 1 to 64 of A-Z a-z 0-9 . _ - and nothing else.",
        "keys", "new", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("--expires must be a date, YYYY-MM-DD.", "keys", "new", "a", "--expires", "2999-02-29")]
    [InlineData("--expires must be a date, YYYY-MM-DD.", "keys", "new", "a", "--expires", "2999-2-1")]
    [InlineData("--expires must be a date, YYYY-MM-DD.", "keys", "new", "a", "--expires", "tomorrow")]
    [InlineData("--expires is in the past: nobody could use the key.", "keys", "new", "a", "--expires", "2023-01-01")]
    [InlineData("--models must be model ids separated by |;", "keys", "new", "a", "--models", "m;n")]
    [InlineData("--models must be model ids separated by |;", "keys", "new", "a", "--models", "m,n")]
    [InlineData("--models must be model ids separated by |;", "keys", "new", "a", "--models", "m\tn")]
    [InlineData("--models must be model ids separated by |;", "keys", "new", "a", "--models", "m||n")]
    [InlineData("--max-new-tokens must be a whole number from 1 to 2147483647.", "keys", "new", "a", "--max-new-tokens", "0")]
    [InlineData("--max-new-tokens must be a whole number from 1 to 2147483647.", "keys", "new", "a", "--max-new-tokens", "2147483648")]
    public async Task CommandLineThatCannotBeFollowed_GetsOneLineAndExitsWithTwo(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await Tool.RunAsync("dotnet", [Program, .. arguments]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(expected, errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(static character => character == '\n'));
    }

    private static Task<(int ExitCode, string Output, string Errors)> NewAsync(params string[] arguments) =>
        Tool.RunAsync("dotnet", [Program, "keys", "new", .. arguments]);

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
