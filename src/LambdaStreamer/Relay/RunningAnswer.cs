namespace LambdaStreamer.Relay;

/// <summary>One answer that its client may cancel by its id.</summary>
public sealed class RunningAnswer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RunningAnswers _answers;
    private readonly CancellationTokenSource _source;
    private bool _isDisposed;

    internal RunningAnswer(string id, RunningAnswers answers, CancellationToken shutdown)
    {
        Id = id;
        _answers = answers;
        _source = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
    }

    public string Id { get; }

    /// <summary>Ends the read from the endpoint: by a cancel call, because nobody takes the answer any more, or with the process.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A cancel call came.</summary>
    public bool WasCancelled { get; private set; }

    public void Dispose()
    {
        _answers.Leave(this);
        lock (_lock)
        {
            _isDisposed = true;
            _source.Dispose();
        }
    }

    /// <summary>Nobody takes the answer any more: what the relay still waits for has to end before it is disposed.</summary>
    internal void Abandon() => _source.Cancel();

    /// <summary>By its client, from another thread than the relay's.</summary>
    internal Task CancelAsync()
    {
        // Under the lock, because the answer may end at this moment and dispose the source. The relay goes on elsewhere, not in here.
        lock (_lock)
        {
            if (_isDisposed)
            {
                return Task.CompletedTask;
            }

            WasCancelled = true;
            return _source.CancelAsync();
        }
    }
}
