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

    /// <summary>Ends the read from the endpoint: by a cancel call, or with the process.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A cancel call came, not the process's end.</summary>
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

    internal void Cancel()
    {
        // Under the lock, because the answer may end at this moment and dispose the source.
        lock (_lock)
        {
            if (!_isDisposed)
            {
                WasCancelled = true;
                _source.Cancel();
            }
        }
    }
}
