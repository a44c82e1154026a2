using System.IO.Pipelines;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// One event on its way to a runtime and the response on its way back. Three things come back, in this order: whether a response began,
/// its payload bytes, how it ended. The Runtime API connection writes the payload, one flush for each socket read, and waits until the
/// caller has taken it; so the runtime feels the caller's pace, and its 202 means that everything was passed on.
/// </summary>
#pragma warning disable CA1001 // The token source has no timer and no wait handle: nothing to release.
internal sealed class Invocation
#pragma warning restore CA1001
{
    /// <summary>Event and buffered response, in bytes: 6 MiB and a hundred.</summary>
    public const int MaxPayloadBytes = 6_291_556;

    /// <summary>Streamed response, in bytes: 200 MiB.</summary>
    public const long MaxStreamedBytes = 200L * 1024 * 1024;

    // One byte of backlog pauses the writer: a rendezvous, not a queue.
    private readonly Pipe _payload = new(new PipeOptions(
        pauseWriterThreshold: 1, resumeWriterThreshold: 1, minimumSegmentSize: 65_536, useSynchronizationContext: false));

    private readonly TaskCompletionSource<ResponseStart?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<InvocationOutcome> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted = new();

    public required string RequestId { get; init; }

    /// <summary>A nonce for this delivery; the runtime echoes it as Lambda-Runtime-Invocation-Id.</summary>
    public string DeliveryId { get; } = Guid.NewGuid().ToString();

    public required ReadOnlyMemory<byte> Event { get; init; }

    public required string FunctionArn { get; init; }

    public required string TraceId { get; init; }

    /// <summary>The caller's client context JSON, decoded.</summary>
    public string? ClientContext { get; init; }

    /// <summary>Whether the caller takes a stream; a buffered caller gets at most <see cref="MaxPayloadBytes"/>.</summary>
    public required bool IsStreaming { get; init; }

    /// <summary>Set when the event is handed out.</summary>
    public DateTimeOffset Deadline { get; set; }

    public required InvocationRecorder Recorder { get; init; }

    public LogTail Log { get; } = new();

    /// <summary>Null when the invocation ended without a response; <see cref="Payload"/> is then never written.</summary>
    public Task<ResponseStart?> ResponseStarted => _started.Task;

    /// <summary>The caller reads this to its end even if nobody wants the bytes any more: the function is not stopped by that.</summary>
    public PipeReader Payload => _payload.Reader;

    /// <summary>The first outcome that was stated; all later ones are ignored.</summary>
    public Task<InvocationOutcome> Completed => _completed.Task;

    /// <summary>Completes when the runtime is done with it too and its REPORT line is in <see cref="Log"/>.</summary>
    public Task Reported => _reported.Task;

    /// <summary>Cancelled when the invocation was ended from outside.</summary>
    public CancellationToken Aborted => _aborted.Token;

    public void StartResponse(ResponseStart start) => _started.TrySetResult(start);

    /// <summary>False once the invocation was ended from outside: nobody will take these bytes.</summary>
    public async ValueTask<bool> WritePayloadAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _payload.Writer.WriteAsync(bytes, _aborted.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Only the connection that wrote the payload may say that it is over.</summary>
    public void EndPayload() => _payload.Writer.Complete();

    public void Complete(InvocationOutcome outcome)
    {
        if (_completed.TrySetResult(outcome))
        {
            Recorder.Outcome = outcome;
        }

        _started.TrySetResult(null);
    }

    /// <summary>Ends the invocation from outside, whatever its connection is doing.</summary>
    public void Abort(InvocationOutcome outcome)
    {
        Complete(outcome);
        _aborted.Cancel();
    }

    public void ReportWritten() => _reported.TrySetResult();
}

/// <summary>The head of a response: its content type, if any.</summary>
internal sealed record ResponseStart(string? ContentType);
