using System.Text;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>
/// A token leaves with the read that brought it, in one write: the model here speaks again only when the client has heard it.
/// </summary>
public class LockstepTests
{
    private const int TokenCount = 200;

    [Theory]
    [InlineData("text/plain", " token{0}")]
    [InlineData("text/event-stream", "data: {{\"index\":{0},\"token\":{{\"id\":{0},\"text\":\" token{0}\",\"logprob\":-0.5,\"special\":false}},\"generated_text\":null,\"details\":null}}\n\n")]
    [InlineData("application/x-ndjson", "{{\"text\":\" token{0}\",\"id\":{0},\"logprob\":-0.5,\"special\":false}}\n")]
    public async Task ModelThatWaitsForTheClient_IsNeverKeptWaiting(string accept, string expectedPiece)
    {
        using var heard = new SemaphoreSlim(0);
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 1; i <= TokenCount; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, $" token{i}"));
                await heard.WaitAsync(exchange.Stopped);
            }

            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","stream":true}""", accept);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        for (var i = 1; i <= TokenCount; i++)
        {
            var expected = string.Format(null, expectedPiece, i);
            await body.ReadExactlyAsync(buffer.AsMemory(0, expected.Length), TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, expected.Length));
            heard.Release();
        }

        await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        var record = function.LastInvocation;
        Assert.Empty(function.Lambda.Violations);
        Assert.True(record.PreludeInOwnChunk);

        // One chunk for the prelude and one for each token; the end-of-sequence token shows as an event but not as text; NDJSON has a last
        // line.
        var chunks = 1 + TokenCount + (accept switch { "text/plain" => 0, "text/event-stream" => 1, _ => 2 });
        Assert.Equal(chunks, record.ChunkCount);

        // One socket write for each chunk. The request's head goes with the prelude, the end of the body with NDJSON's last line or alone.
        // (A busy machine may have TCP repeat a segment; a second write for each chunk would be 200 more.)
        var writes = accept == "application/x-ndjson" ? chunks : chunks + 1;
        Assert.InRange(record.DataSegments!.Value, writes, writes + 3);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"stream":true}""", "\"content\":\" token{0}\"")]
    [InlineData("/v1/completions", """{"prompt":"x","stream":true}""", "\"text\":\" token{0}\"")]
    public async Task ModelThatWaitsForAnOpenAIClient_IsNeverKeptWaiting(string path, string request, string expectedMember)
    {
        using var heard = new SemaphoreSlim(0);
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            for (var i = 1; i <= TokenCount; i++)
            {
                await exchange.SendAsync(Parts.OfToken(i, $" token{i}"));
                await heard.WaitAsync(exchange.Stopped);
            }

            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync(request, path: path);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(body, Encoding.UTF8);
        for (var i = 1; i <= TokenCount; i++)
        {
            var expected = string.Format(null, expectedMember, i);
            while (!(await reader.ReadLineAsync(TestContext.Current.CancellationToken))!.Contains(expected, StringComparison.Ordinal))
            {
                // The role chunk, and the blank lines between chunks.
            }

            heard.Release();
        }

        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(function.Lambda.Violations);
    }

    [Fact]
    public async Task TokensThatArriveTogether_LeaveInOneWrite()
    {
        FunctionUnderTest? function = null;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            var tokens = Enumerable.Range(0, 15).Select(static i => Parts.OfToken(i, "t"));
            await exchange.SendHeadAsync();
            await exchange.SendAsync([.. tokens.SelectMany(static token => token)]);
            await function!.WaitUntilIdleAsync(exchange.Stopped);
            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        await using var started = function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        using var response = await function.PostAsync("""{"inputs":"x","stream":true}""");
        Assert.Equal((new string('t', 15), false), await FunctionUnderTest.ReadToEndAsync(response));
        var record = function.LastInvocation;

        // The prelude and all tokens; the end goes alone.
        Assert.Equal(2, record.ChunkCount);
        Assert.Equal(3, record.DataSegments);
    }
}
