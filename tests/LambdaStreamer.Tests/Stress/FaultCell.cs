using System.Text;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>One cell of the matrix while it runs: the endpoint's side of it, and where test and endpoint wait for each other.</summary>
internal sealed class FaultCell(int number, FaultRow row, MediaType format, FaultMoment moment)
{
    private readonly TaskCompletionSource _tokensSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultRow Row => row;

    public MediaType Format => format;

    public FaultMoment Moment => moment;

    /// <summary>The request's prompt, by which the endpoint knows what to play.</summary>
    public string Prompt { get; } = $"cell {number} ";

    public EndingRule Rule { get; } = Endings.Of(row.Ending);

    /// <summary>The answer has begun when the fault comes: it can no longer be told by a status.</summary>
    public bool IsStarted => format != MediaType.Json && (moment != FaultMoment.BeforeFirst || row.LastTexts(0).Length > 0);

    /// <summary>The tokens before the fault are sent.</summary>
    public Task TokensSent => _tokensSent.Task;

    /// <summary>The function closed the connection, although the endpoint had more to say.</summary>
    public Task<bool> EndpointsConnectionClosed => _closed.Task;

    /// <summary>The texts of the tokens that a client gets.</summary>
    public IEnumerable<string> Texts => TextsBeforeFault.Concat(row.LastTexts((int)moment));

    /// <summary>The client has the tokens before the fault.</summary>
    public void GoOn() => _goOn.TrySetResult();

    public async Task ServeAsync(ScriptedSageMaker.Exchange exchange)
    {
        if (row.Refusal is { } refuse && moment == FaultMoment.BeforeFirst)
        {
            await refuse(exchange);
            return;
        }

        await exchange.SendHeadAsync();
        if (moment != FaultMoment.BeforeFirst)
        {
            await exchange.SendAsync(FaultRows.Tokens(1, (int)moment));
        }

        _tokensSent.TrySetResult();
        await _goOn.Task.WaitAsync(exchange.Stopped);
        try
        {
            await row.Fault(exchange, (int)moment);
            if (row.ClosesEndpointsConnection)
            {
                _closed.TrySetResult(!await exchange.ReadRequestAsync());
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            _closed.TrySetResult(true);
        }
    }

    /// <summary>What the client has before the fault, in bytes of a streamed format; nothing of a buffered one.</summary>
    public byte[] Begun() => format == MediaType.Json ? [] : Encoding.UTF8.GetBytes(Written(TextsBeforeFault));

    /// <summary>The whole body of a failure.</summary>
    public string Failure()
    {
        var error = $$"""{"error":"{{row.Message}}","error_type":"{{Rule.Type}}"}""";
        return !IsStarted ? error : Written(Texts) + format switch
        {
            MediaType.Text => $"\n[error: {row.Message}]\n",
            MediaType.EventStream => $"data: {error}\n\n",
            _ => $"{error}\n",
        };
    }

    public override string ToString() => $"{row.Ending} {row.Variant} {format} {moment}";

    private IEnumerable<string> TextsBeforeFault => Enumerable.Range(1, (int)moment).Select(FaultRows.TextOf);

    private string Written(IEnumerable<string> texts) => string.Concat(texts.Select((text, i) => format switch
    {
        MediaType.Text => text,
        MediaType.EventStream =>
            $$$"""data: {"index":{{{i + 1}}},"token":{"id":{{{i + 1}}},"text":"{{{text}}}","logprob":-0.5,"special":false},"""
            + "\"generated_text\":null,\"details\":null}\n\n",
        _ => $$"""{"text":"{{text}}","id":{{i + 1}},"logprob":-0.5,"special":false}""" + "\n",
    }));
}
