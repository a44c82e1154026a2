using System.Buffers;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Watches a streamed response for what Lambda documents and mostly does not enforce: announced trailers, content type, prelude and
/// delimiter, at least one body byte. Changes nothing on its way.
/// </summary>
internal sealed class ResponseInspector(InvocationRecorder recorder, RequestHead head)
{
    public const string HttpIntegrationType = "application/vnd.awslambda.http-integration-response";

    // The front drops or renames these (hop-by-hop, remapped), or undoes them: it decompresses.
    private static readonly HashSet<string> ForbiddenHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Encoding", "Content-Length", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private readonly PreludeReader? _preludeReader = head["Content-Type"] == HttpIntegrationType ? new() : null;
    private Prelude? _prelude;
    private bool _preludeEnded;
    private bool _bodySeen;

    public void InspectHead()
    {
        if (!head.IsChunked)
        {
            recorder.Violate(ViolationKind.NotChunked, "a streamed response needs Transfer-Encoding: chunked");
        }

        if (head["Content-Type"] is null)
        {
            recorder.Violate(ViolationKind.MissingContentType, "a streamed response needs a Content-Type");
        }

        foreach (var name in new[] { ErrorReport.TypeField, ErrorReport.BodyField })
        {
            if (!IsAnnounced(name))
            {
                recorder.Violate(ViolationKind.TrailerNotAnnounced, name);
            }
        }
    }

    public void Inspect(ReadOnlySpan<byte> payload, ChunkedBody? chunks)
    {
        if (_preludeReader is null || payload.IsEmpty)
        {
            return;
        }

        if (!_preludeEnded)
        {
            var status = _preludeReader.Read(payload, out var consumed);
            payload = payload[consumed..];
            if (status == OperationStatus.InvalidData)
            {
                _preludeEnded = true;
                recorder.Violate(ViolationKind.MalformedPrelude, $"no delimiter within {PreludeReader.MaxBytes} bytes");
            }
            else if (status == OperationStatus.Done)
            {
                _preludeEnded = true;
                EndPrelude(chunks);
            }
        }

        if (_preludeEnded && !_bodySeen && !payload.IsEmpty)
        {
            _bodySeen = true;
            if (payload[0] == 0)
            {
                recorder.Violate(ViolationKind.ExtraNul, "a NUL byte follows the delimiter");
            }
        }
    }

    /// <summary>The body ended properly; says with which outcome.</summary>
    public InvocationOutcome InspectEnd(ChunkedBody? chunks)
    {
        if (_preludeReader is not null && !_preludeEnded)
        {
            recorder.Violate(ViolationKind.MalformedPrelude, "the response ended before the prelude's delimiter");
        }

        if (_prelude is { StatusCode: not (204 or 304) } && !_bodySeen)
        {
            recorder.Violate(ViolationKind.EmptyBody, $"status {_prelude.StatusCode} without a body byte");
        }

        var announced = new List<HeaderField>();
        foreach (var trailer in chunks?.Trailers ?? [])
        {
            if (IsAnnounced(trailer.Name))
            {
                announced.Add(trailer);
            }
            else
            {
                recorder.Violate(ViolationKind.UnannouncedTrailer, trailer.Name);
            }
        }

        return ErrorReport.FromTrailers(announced, recorder.Violate);
    }

    private bool IsAnnounced(string name) => head.Values("Trailer").Contains(name, StringComparer.OrdinalIgnoreCase);

    private void EndPrelude(ChunkedBody? chunks)
    {
        _prelude = Prelude.TryParse(_preludeReader!.Json, out var problems);
        foreach (var problem in problems)
        {
            recorder.Violate(_prelude is null ? ViolationKind.MalformedPrelude : ViolationKind.UnknownPreludeKey, problem);
        }

        foreach (var header in _prelude?.Headers.Where(header => ForbiddenHeaders.Contains(header.Name)) ?? [])
        {
            recorder.Violate(ViolationKind.ForbiddenPreludeHeader, header.Name);
        }

        recorder.PreludeRead(_prelude, chunks is { Sizes: [var first, ..] } && first == _preludeReader.Length);
    }
}
