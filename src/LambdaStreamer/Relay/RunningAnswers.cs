using System.Collections.Concurrent;

namespace LambdaStreamer.Relay;

/// <summary>
/// The answers that this process relays at the moment, by the id their clients were given. Thread-safe. A process that relays one answer
/// at a time never sees a cancel call while it does, so this serves those that run several.
/// </summary>
public sealed class RunningAnswers
{
    private readonly ConcurrentDictionary<string, RunningAnswer> _running = new(StringComparer.Ordinal);

    /// <summary>Makes an answer known until the returned value is disposed.</summary>
    public RunningAnswer Enter(string id, CancellationToken shutdown)
    {
        var answer = new RunningAnswer(id, this, shutdown);
        _running[id] = answer;
        return answer;
    }

    /// <summary>Stops the read from the endpoint. False: no such answer runs in this process (any more).</summary>
    public async ValueTask<bool> TryCancelAsync(string id)
    {
        if (!_running.TryGetValue(id, out var answer))
        {
            return false;
        }

        await answer.CancelAsync().ConfigureAwait(false);
        return true;
    }

    internal void Leave(RunningAnswer answer) => _running.TryRemove(KeyValuePair.Create(answer.Id, answer));
}
