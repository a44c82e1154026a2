using System.Net;
using System.Text;
using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>Several streams at once through one process of the native function, as on Lambda Managed Instances.</summary>
public class ConcurrencyTests
{
    private const int TokenCount = 25;

    private static readonly string[] Prompts = ["first", "second", "third", "fourth"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OptionalHeaders.SentOrEmpty)]
    [InlineData(OptionalHeaders.Empty)]
    public async Task ParallelStreams_InterleaveTokenByToken(OptionalHeaders headers)
    {
        await using var model = new SteppedModel();
        await using var function = await FunctionUnderTest.StartAsync(
            model.Url,
            options => options with { MaxConcurrency = Prompts.Length, NextVariation = new NextVariation { OptionalHeaders = headers } });
        var streams = await OpenAsync(model, function);
        for (var token = 2; token <= TokenCount; token++)
        {
            // Another stream leads in each round, and none goes on before the one ahead of it was heard.
            for (var place = 0; place < Prompts.Length; place++)
            {
                var i = (place + token) % Prompts.Length;
                var text = $" {Prompts[i]}{token}";
                model[Prompts[i]].Say(token, text);
                Assert.Equal(text, await ReadAsync(streams[i], text.Length));
            }
        }

        for (var i = Prompts.Length - 1; i >= 0; i--)
        {
            model[Prompts[i]].End();
            Assert.Equal(0, await streams[i].ReadAsync(new byte[1], Cancellation));
        }

        Assert.Single(function.Lambda.ProcessIds);
        Assert.Empty(function.Lambda.Violations);
        Assert.All(streams, static stream => stream.Dispose());
    }

    [Fact]
    public async Task StopWithRunningStreams_EndsEachTruthfullyAndTheProcessWithZero()
    {
        await using var model = new SteppedModel();
        await using var function = await FunctionUnderTest.StartAsync(
            model.Url, static options => options with { MaxConcurrency = Prompts.Length });
        var streams = await OpenAsync(model, function);
        var rests = Prompts.Select(_ => new MemoryStream()).ToArray();
        var reading = streams.Zip(rests, static (stream, rest) => stream.CopyToAsync(rest, Cancellation)).ToArray();
        await function.Lambda.DisposeAsync();
        for (var i = 0; i < streams.Length; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => reading[i].WaitAsync(Tool.Patience, Cancellation));
            Assert.Equal("\n[error: The function was told to stop.]\n"u8, rests[i].ToArray());
            Assert.True(await model[Prompts[i]].Abandoned.WaitAsync(Tool.Patience, Cancellation));
        }

        Assert.All(function.Lambda.Invocations, static record => Assert.Equal("Function.Shutdown", record.Outcome!.ErrorType));
        Assert.Equal([0], function.Lambda.ExitCodes);
        Assert.Empty(function.Lambda.Violations);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("many")]
    public async Task ConcurrencyThatIsNoNumberOfCalls_IsAnInitErrorThatNamesIt(string value)
    {
        await using var model = new SteppedModel();
        await using var function = await FunctionUnderTest.StartAsync(model.Url, ("AWS_LAMBDA_MAX_CONCURRENCY", value));
        using var response = await function.PostAsync("""{"inputs":"x"}""");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("Function.ConfigurationInvalid", function.LastInvocation.Outcome!.ErrorType);
        Assert.Contains($"AWS_LAMBDA_MAX_CONCURRENCY must be a whole number from 1 to 1600; it is '{value}'.", function.Log);
    }

    private static async Task<Stream[]> OpenAsync(SteppedModel model, FunctionUnderTest function)
    {
        var streams = new List<Stream>();
        foreach (var prompt in Prompts)
        {
            model[prompt].Begin();
            model[prompt].Say(1, prompt);
            var response = await function.PostAsync($$"""{"inputs":"{{prompt}}","stream":true}""");
            streams.Add(await response.Content.ReadAsStreamAsync(Cancellation));
            Assert.Equal(prompt, await ReadAsync(streams[^1], prompt.Length));
        }

        return [.. streams];
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        var buffer = new byte[length];
        await body.ReadExactlyAsync(buffer, Cancellation).AsTask().WaitAsync(Tool.Patience, Cancellation);
        return Encoding.UTF8.GetString(buffer);
    }
}
