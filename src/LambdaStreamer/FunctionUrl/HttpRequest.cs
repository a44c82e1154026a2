using System.Diagnostics.CodeAnalysis;
using LambdaStreamer.Relay;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// The HTTP request that a front end turned into an event. Refers to that event, which must stay valid until the body was read.
/// </summary>
public sealed class HttpRequest : IDisposable
{
    private readonly ByteBuffer _body = new();

    public string Method { get; internal set; } = "GET";

    /// <summary>Percent-decoded once, where the event has it encoded; without the query.</summary>
    public string Path { get; internal set; } = "/";

    /// <summary>
    /// Names compare without regard to case, which the event does not promise. Values of repeated headers are joined by commas.
    /// </summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The head is larger than is taken: the answer, whatever else the request says. Null for most requests.</summary>
    public RelayError? Problem { get; internal set; }

    internal EventBody EventBody { private get; set; }

    /// <summary>The value of a header; null when absent or empty.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The body, decoded when first asked for; its bytes live as long as this request.</summary>
    /// <param name="maxLength">A longer one is refused with 413, undecoded.</param>
    /// <param name="body">Empty where there is none.</param>
    /// <param name="problem">413, or 400 for a body that cannot be decoded.</param>
    public bool TryReadBody(int maxLength, out ReadOnlyMemory<byte> body, [NotNullWhen(false)] out RelayError? problem)
    {
        if (EventBody.TryDecode(maxLength, _body, out problem))
        {
            EventBody = default;
        }

        body = _body.UnreadMemory;
        return problem is null;
    }

    public void Dispose() => _body.Dispose();
}
