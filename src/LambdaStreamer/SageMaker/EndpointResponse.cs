using System.Runtime.CompilerServices;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// A stream that SageMaker has begun. Owns the connection: disposed before the end it closes it, read to the end it gives it back for the
/// next call. One reader at a time; disposed between reads, not during one, and before its <see cref="EndpointCall"/>.
/// </summary>
public sealed class EndpointResponse : IDisposable
{
    private const string RequestIdHeader = "x-amzn-requestid";

    private readonly HttpResponseMessage _message;
    private readonly Stream _body;
    private readonly WaitClock _clock;

    internal EndpointResponse(HttpResponseMessage message, Stream body, WaitClock clock, int retries)
    {
        _message = message;
        _body = body;
        _clock = clock;
        Retries = retries;
    }

    /// <summary>What AWS support asks for.</summary>
    public string? RequestId => ReadHeader(_message, RequestIdHeader);

    /// <summary>Requests that the call had sent before the one that is answered here.</summary>
    public int Retries { get; }

    /// <summary>
    /// One read of the body, an <c>application/vnd.amazon.eventstream</c> cut anywhere.
    /// </summary>
    /// <returns>The bytes read; 0 when the body ended as HTTP says it must.</returns>
    /// <exception cref="SageMakerException">At stage <see cref="SageMakerStage.Body"/>: cut, or silent for too long.</exception>
    /// <exception cref="OperationCanceledException">The caller's token; the connection is closed.</exception>
    // Pooled: a token stream waits at every read, which costs 448 bytes otherwise and 288 so, all of them HttpClient's (AllocationTests).
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var link = _clock.Link(cancellationToken);
        try
        {
            _clock.BeginWait();
            _clock.Token.ThrowIfCancellationRequested();
            return await _body.ReadAsync(buffer, _clock.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // A wait that was ended closes the connection, which may surface as either.
            cancellationToken.ThrowIfCancellationRequested();
            throw new SageMakerException(Explain(exception), exception);
        }
        finally
        {
            _clock.EndWait();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _message.Dispose();

    internal static string? ReadHeader(HttpResponseMessage message, string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    internal static string? ReadRequestId(HttpResponseMessage message) => ReadHeader(message, RequestIdHeader);

    private SageMakerFailure Explain(Exception exception)
    {
        var kind = _clock.HasEnded ? _clock.Cause
            : exception is HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } ? SageMakerFailureKind.UnexpectedReply
            : SageMakerFailureKind.ConnectionCut;
        return new SageMakerFailure
        {
            Kind = kind,
            Stage = SageMakerStage.Body,
            Message = kind switch
            {
                SageMakerFailureKind.FirstTokenTimedOut => "No token came in time.",
                SageMakerFailureKind.IdleTimedOut => "The tokens ceased for too long.",
                SageMakerFailureKind.TotalTimedOut => "The response's body went on for longer than a call may take.",
                SageMakerFailureKind.DeadlineNear => "The response's body went on until the deadline.",
                SageMakerFailureKind.UnexpectedReply => "The response's body broke the rules of HTTP chunks.",
                _ => "The connection ended in the middle of the response's body.",
            },
            RequestId = RequestId,
            Retries = Retries,
        };
    }
}
