using System.Collections.Concurrent;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>A model behind a SageMaker runtime whose streams, told apart by their prompts, go on only when the test says so.</summary>
internal sealed class SteppedModel : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, SteppedStream> _streams = [];
    private readonly ScriptedSageMaker _sageMaker;

    public SteppedModel() => _sageMaker = new ScriptedSageMaker(ServeAsync);

    public string Url => _sageMaker.Url;

    public SteppedStream this[string prompt] => _streams.GetOrAdd(prompt, static _ => new SteppedStream());

    public ValueTask DisposeAsync() => _sageMaker.DisposeAsync();

    private async Task ServeAsync(ScriptedSageMaker.Exchange exchange)
    {
        // A stream also listens for the end of the connection, and hears the next request instead when it is used again.
        while (await this[PromptOf(exchange.Request)].ServeAsync(exchange))
        {
        }
    }

    private static string PromptOf(string request)
    {
        const string Field = "\"inputs\":\"";
        var start = request.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        return request[start..request.IndexOf('"', start)];
    }
}
