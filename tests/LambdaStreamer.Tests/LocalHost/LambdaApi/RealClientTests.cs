using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using LambdaStreamer.LocalHost.LambdaApi;
using LambdaStreamer.Tests.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.LocalHost.LambdaApi;

/// <summary>The Lambda API under AWS's own clients.</summary>
public sealed class RealClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private TwinUnderTest _twin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _twin = await TwinUnderTest.StartAsync(new LambdaTwinOptions { FunctionName = "fn" });

    public async ValueTask DisposeAsync() => await _twin.DisposeAsync();

    [Fact]
    public async Task AwsCliInvoke_WritesThePayloadAndReportsTheError()
    {
        await SkipWithoutAsync("aws", "--version");
        using var output = new TemporaryFile();
        var serving = ServeAsync(async runtime =>
        {
            Assert.Equal("""{"inputs":"Hi"}""", runtime.Event.Body);
            await runtime.StreamAsync("Hello", ", world");
        });
        var answer = await InvokeWithCliAsync(output.Path);
        await serving;
        Assert.Equal(200, answer.GetProperty("StatusCode").GetInt32());
        Assert.Equal("$LATEST", answer.GetProperty("ExecutedVersion").GetString());
        Assert.Equal(ScriptedRuntime.Prelude + "Hello, world", await File.ReadAllTextAsync(output.Path, Token));

        serving = ServeAsync(runtime => runtime.FailAsync("""{"errorMessage":"m","errorType":"t"}"""));
        answer = await InvokeWithCliAsync(output.Path);
        await serving;
        Assert.Equal("Unhandled", answer.GetProperty("FunctionError").GetString());
        Assert.Equal("""{"errorMessage":"m","errorType":"t"}""", await File.ReadAllTextAsync(output.Path, Token));
    }

    [Fact]
    public async Task NodeSdkInvokeWithResponseStream_YieldsChunksInLockstepAndTheTrailersError()
    {
        await SkipWithoutAsync("node", "--version");
        NodeModules.Require();
        var url = _twin.Twin.LambdaApiUrl.ToString();
        using var client = Start("node", ["invoke-with-response-stream.mjs", url, "fn", """{"a":1}"""], NodeModules.Folder);
        try
        {
            await _twin.Runtime.NextAsync();
            Assert.Equal("""{"a":1}""", _twin.Runtime.Event.Body);
            await _twin.Runtime.BeginStreamAsync();
            await _twin.Runtime.ChunkAsync(ScriptedRuntime.Prelude);
            Assert.Equal("""{"status":200,"version":"$LATEST"}""", await LineAsync(client));
            Assert.Equal(ScriptedRuntime.Prelude, JsonDocument.Parse(await LineAsync(client)).RootElement.GetProperty("chunk").GetString());
            foreach (var piece in new[] { "one", "two" })
            {
                await _twin.Runtime.ChunkAsync(piece);
                Assert.Equal($$"""{"chunk":"{{piece}}"}""", await LineAsync(client));
            }

            await _twin.Runtime.EndStreamAsync(
                "Lambda-Runtime-Function-Error-Type: Function.Bad\r\nLambda-Runtime-Function-Error-Body: e30=\r\n");
            Assert.Equal("""{"complete":{"ErrorCode":"Function.Bad","ErrorDetails":"{}"}}""", await LineAsync(client));
            await client.WaitForExitAsync(Token).WaitAsync(Patience, Token);
            Assert.Equal(0, client.ExitCode);
        }
        finally
        {
            client.Kill(entireProcessTree: true);
        }
    }

    private async Task ServeAsync(Func<ScriptedRuntime, Task> answer)
    {
        var taken = await _twin.Runtime.NextAsync();
        Assert.Equal("HTTP/1.1 200 OK", taken.StatusLine);
        await answer(_twin.Runtime);
    }

    private async Task<JsonElement> InvokeWithCliAsync(string output)
    {
        // A payload on the command line is text to version 1 and base64 to version 2; a file of bytes is the same to both.
        using var payload = new TemporaryFile();
        await File.WriteAllTextAsync(payload.Path, """{"inputs":"Hi"}""", Token);
        using var process = Start("aws", [
            "lambda", "invoke", "--endpoint-url", _twin.Twin.LambdaApiUrl.ToString(), "--region", "us-east-1", "--output", "json",
            "--function-name", "fn", "--payload", $"fileb://{payload.Path}", output]);
        var text = await process.StandardOutput.ReadToEndAsync(Token).WaitAsync(Patience, Token);
        await process.WaitForExitAsync(Token).WaitAsync(Patience, Token);
        Assert.True(process.ExitCode == 0, await process.StandardError.ReadToEndAsync(Token));
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task SkipWithoutAsync(string command, string argument)
    {
        try
        {
            using var process = Start(command, [argument]);
            await process.WaitForExitAsync(Token).WaitAsync(Patience, Token);
            Assert.SkipUnless(process.ExitCode == 0, $"{command} does not run on this machine");
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{command} is not installed on this machine");
        }
    }

    private static Process Start(string command, IEnumerable<string> arguments, string? folder = null)
    {
        var startInfo = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        startInfo.Environment["AWS_ACCESS_KEY_ID"] = "local";
        startInfo.Environment["AWS_SECRET_ACCESS_KEY"] = "local";
        startInfo.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        return Process.Start(startInfo)!;
    }

    private static async Task<string> LineAsync(Process process)
    {
        var line = await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token);
        return line ?? throw new EndOfStreamException(await process.StandardError.ReadToEndAsync(Token));
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
