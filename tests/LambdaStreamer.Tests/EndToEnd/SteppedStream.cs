using System.Net.Sockets;
using System.Threading.Channels;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>One answer of a <see cref="SteppedModel"/>. Steps may be written before the request comes.</summary>
internal sealed class SteppedStream
{
    private readonly Channel<Func<ScriptedSageMaker.Exchange, Task>> _steps =
        Channel.CreateUnbounded<Func<ScriptedSageMaker.Exchange, Task>>();

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The request is there.</summary>
    public Task Asked => _asked.Task;

    /// <summary>True: the function closed the connection before the model's end. False: the model spoke to its end.</summary>
    public Task<bool> Abandoned => _abandoned.Task;

    public void Begin() => _steps.Writer.TryWrite(static exchange => exchange.SendHeadAsync());

    public void Say(int id, string text) => _steps.Writer.TryWrite(exchange => exchange.SendAsync(Parts.OfToken(id, text)));

    public void End()
    {
        _steps.Writer.TryWrite(static async exchange =>
        {
            await exchange.SendAsync(Parts.OfEnd());
            await exchange.EndAsync();
        });
        _steps.Writer.Complete();
    }

    /// <returns>Whether the connection brought another request.</returns>
    public async Task<bool> ServeAsync(ScriptedSageMaker.Exchange exchange)
    {
        _asked.SetResult();
        var heard = HearAsync(exchange);
        while (true)
        {
            var more = _steps.Reader.WaitToReadAsync(exchange.Stopped).AsTask();
            await Task.WhenAny(more, heard);
            if (heard.IsCompleted)
            {
                _abandoned.SetResult(true);
                return await heard;
            }

            if (!await more)
            {
                _abandoned.SetResult(false);
                return await heard;
            }

            while (_steps.Reader.TryRead(out var step))
            {
                await step(exchange);
            }
        }
    }

    private static async Task<bool> HearAsync(ScriptedSageMaker.Exchange exchange)
    {
        try
        {
            return await exchange.ReadRequestAsync();
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
