namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Collects an <see cref="InvocationRecord"/>. Written by one connection at a time and by the caller's side; snapshots from any thread.
/// </summary>
internal sealed class InvocationRecorder(string requestId, Action<Violation> report)
{
    private readonly Lock _lock = new();
    private readonly List<int> _readSizes = [];
    private readonly List<int> _chunkSizes = [];
    private readonly List<HeaderField> _trailers = [];
    private readonly List<Violation> _violations = [];
    private InvocationRecord _record = new() { RequestId = requestId };

    public InvocationOutcome Outcome
    {
        set => Update(record => record with { Outcome = value });
    }

    public int? DataSegments
    {
        set => Update(record => record with { DataSegments = value });
    }

    public void CallerDisconnected() => Update(record => record with { CallerDisconnected = true });

    public void Violate(ViolationKind kind, string detail)
    {
        var violation = new Violation(kind, detail);
        lock (_lock)
        {
            _violations.Add(violation);
        }

        report(violation);
    }

    public void Posted(ResponseKind kind, RequestHead head) =>
        Update(record => record with { Response = kind, ContentType = head["Content-Type"] });

    /// <summary>One socket read and the payload it held, with the decoder whose framing it belongs to (null: a plain body).</summary>
    public void Read(int bytes, int payloadBytes, ChunkedBody? chunks)
    {
        lock (_lock)
        {
            if (_readSizes.Count < ChunkedBody.MaxKeptSizes)
            {
                _readSizes.Add(bytes);
            }

            // Copied, not referenced: the decoder goes on while a snapshot is taken.
            _chunkSizes.AddRange(chunks?.Sizes.Skip(_chunkSizes.Count) ?? []);
            _trailers.AddRange(chunks?.Trailers.Skip(_trailers.Count) ?? []);
            _record = _record with
            {
                ReadCount = _record.ReadCount + 1,
                PayloadBytes = _record.PayloadBytes + payloadBytes,
                ChunkCount = chunks?.Count ?? 0,
            };
        }
    }

    public void PreludeRead(Prelude? prelude, bool inOwnChunk) =>
        Update(record => record with { Prelude = prelude, PreludeInOwnChunk = inOwnChunk });

    public InvocationRecord Snapshot()
    {
        lock (_lock)
        {
            return _record with
            {
                ReadSizes = [.. _readSizes],
                ChunkSizes = [.. _chunkSizes],
                Trailers = [.. _trailers],
                Violations = [.. _violations],
            };
        }
    }

    private void Update(Func<InvocationRecord, InvocationRecord> change)
    {
        lock (_lock)
        {
            _record = change(_record);
        }
    }
}
