using System.Net;

namespace LambdaStreamer.SageMaker;

/// <summary>Tells a stream from everything else that a request can be answered with.</summary>
internal static class ReplyReader
{
    private const string EventStreamMediaType = "application/vnd.amazon.eventstream";
    private const string ErrorTypeHeader = "x-amzn-errortype";
    private const string ContentTypeHeader = "content-type";
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Takes over the reply: a stream keeps it, anything else is read, named and disposed.</summary>
    public static async Task<Outcome> ReadAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        var contentType = reply.Content.Headers.NonValidated.TryGetValues(ContentTypeHeader, out var values) ? values.ToString() : "";
        if (reply.StatusCode == HttpStatusCode.OK && IsEventStream(contentType))
        {
            return Outcome.Streaming(reply, await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        }

        ReadOnlyMemory<byte> body;
        try
        {
            body = await CappedBody.ReadAsync(reply.Content, MaxErrorBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The status alone still tells most of it.
            body = default;
        }

        var status = (int)reply.StatusCode;
        var failure = status == 200
            ? Unexpected(contentType, body.Span)
            : ErrorReply.Parse(status, EndpointResponse.ReadHeader(reply, ErrorTypeHeader), body.Span);
        failure = failure with { RequestId = EndpointResponse.ReadRequestId(reply), RetryAfter = RetryAfterOf(reply) };
        var outcome = Outcome.Failed(failure, reply.Headers.Date);
        reply.Dispose();
        return outcome;
    }

    private static bool IsEventStream(string contentType)
    {
        var mediaType = contentType.AsSpan();
        mediaType = mediaType.IndexOf(';') is var semicolon and >= 0 ? mediaType[..semicolon] : mediaType;
        return mediaType.Trim().Equals(EventStreamMediaType, StringComparison.OrdinalIgnoreCase);
    }

    private static SageMakerFailure Unexpected(string contentType, ReadOnlySpan<byte> body) => new()
    {
        Kind = SageMakerFailureKind.UnexpectedReply,
        Stage = SageMakerStage.Response,
        Message = $"HTTP 200 with '{Excerpt.Of(contentType)}' instead of an event stream: {Excerpt.Of(body)}",
        HttpStatus = 200,
    };

    private static TimeSpan? RetryAfterOf(HttpResponseMessage reply)
    {
        var asked = reply.Headers.RetryAfter;
        return asked?.Delta ?? (asked?.Date is { } date && reply.Headers.Date is { } sent && date > sent ? date - sent : null);
    }
}
