namespace LambdaStreamer.SageMaker;

/// <summary>
/// The difference between SageMaker's clock and ours, learnt from a refused signature and kept for later ones. Thread-safe.
/// </summary>
internal sealed class ClockSkew(TimeProvider timeProvider)
{
    // AWS allows five minutes; a smaller difference can't be what a signature was refused for.
    private static readonly TimeSpan Noticeable = TimeSpan.FromMinutes(4);

    private long _ticks;

    /// <summary>The moment to sign with.</summary>
    public DateTimeOffset Now => timeProvider.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <summary>Whether an error of this name can mean that a request was signed for the wrong moment.</summary>
    public static bool IsAccused(string? code) =>
        code is "RequestTimeTooSkewed" or "RequestExpired" or "RequestInTheFuture" or "InvalidSignatureException"
            or "SignatureDoesNotMatch" or "AuthFailure";

    /// <summary>Whether the reply's date showed a difference that explains the refusal; then later signatures count with it.</summary>
    public bool Learn(SageMakerFailure failure, DateTimeOffset signedAt, DateTimeOffset? serverDate)
    {
        if (!IsAccused(failure.ErrorCode) || serverDate is not { } date || (date - signedAt).Duration() < Noticeable)
        {
            return false;
        }

        Interlocked.Exchange(ref _ticks, (date - timeProvider.GetUtcNow()).Ticks);
        return true;
    }
}
