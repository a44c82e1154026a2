using System.Runtime.CompilerServices;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A container that answers every request with the same recorded body, event by event: a part for each blank-line-terminated event of an
/// <c>.sse</c> file, a part for each line of a <c>.jsonlines</c> file. Comments are pieces but no tokens.
/// </summary>
internal sealed class Replay(SageMakerTwinOptions options, ReadOnlyMemory<byte> body, string contentType, IReadOnlyList<Range> events)
    : IContainer
{
    /// <summary>The extension of files that hold finished frames and are no container's body.</summary>
    public const string FramesExtension = ".eventstream";

    private const string JsonLines = "application/jsonlines";

    // Errors on demand have the form that fits the file; the recorded bytes do not say which version wrote them.
    private static readonly Version PlayedTgi = new(2, 4, 0);

    /// <exception cref="ArgumentException">The file's extension says nothing about what it holds.</exception>
    public static Replay Load(SageMakerTwinOptions options, string file)
    {
        var body = File.ReadAllBytes(file);
        return Path.GetExtension(file) switch
        {
            ".sse" => new Replay(options, body, "text/event-stream", Split(body, linesPerEvent: 2)),
            ".jsonlines" => new Replay(options, body, JsonLines, Split(body, linesPerEvent: 1)),
            var other => throw new ArgumentException(
                $"Cannot replay '{file}': '{other}' is none of .sse, .jsonlines and {FramesExtension}.", nameof(file)),
        };
    }

    public Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new ContainerResponse(200, contentType, PiecesAsync(cancellationToken))
        {
            ErrorPiece = error => contentType == JsonLines
                ? LmiWriter.ErrorLine(error.Status, error.Message)
                : TgiWriter.ErrorEvent(PlayedTgi, error.Message, error.Type),
        });

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) =>
        contentType == JsonLines ? LmiWriter.Error(error.Status, error.Message) : TgiWriter.Error(error.Message, error.Type);

    private async IAsyncEnumerable<ContainerPiece> PiecesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isFirst = true;
        foreach (var range in events)
        {
            var piece = body[range];
            var isToken = piece.Span[0] != (byte)':';
            if (isToken)
            {
                await Task.Delay(isFirst ? options.FirstTokenDelay : options.TokenDelay, options.TimeProvider, cancellationToken);
                isFirst = false;
            }

            yield return new ContainerPiece(piece, isToken);
        }
    }

    // An event of a stream ends at the second of two line ends in a row, CR before LF or not; a line of JSON at its own.
    private static List<Range> Split(ReadOnlySpan<byte> body, int linesPerEvent)
    {
        var events = new List<Range>();
        var (start, lineEnds) = (0, 0);
        for (var at = 0; at < body.Length; at++)
        {
            if (body[at] == (byte)'\n')
            {
                lineEnds++;
            }
            else if (body[at] != (byte)'\r')
            {
                lineEnds = 0;
            }

            if (lineEnds == linesPerEvent)
            {
                events.Add(start..(at + 1));
                (start, lineEnds) = (at + 1, 0);
            }
        }

        if (start < body.Length)
        {
            events.Add(start..body.Length);
        }

        return events;
    }
}
