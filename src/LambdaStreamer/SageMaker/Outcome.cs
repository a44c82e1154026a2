using System.Net.Sockets;
using System.Security.Authentication;

namespace LambdaStreamer.SageMaker;

/// <summary>How one attempt ended: with a stream, or with a failure and what is needed to decide about another attempt.</summary>
internal readonly record struct Outcome
{
    private const string TlsFailedText =
        "TLS with the SageMaker runtime failed. With a private CA or a TLS proxy, TRUST_STORE=system makes the system's roots count.";

    /// <summary>The reply that began a stream; null with a failure.</summary>
    public HttpResponseMessage? Message { get; private init; }

    /// <summary>The stream; null with a failure.</summary>
    public Stream? Body { get; private init; }

    /// <summary>Null with a stream.</summary>
    public SageMakerFailure? Failure { get; init; }

    /// <summary>What the platform reported, if it did.</summary>
    public Exception? Cause { get; private init; }

    /// <summary>Whether it may pass by itself.</summary>
    public bool IsTransient { get; private init; }

    /// <summary>The reply's own clock.</summary>
    public DateTimeOffset? ServerDate { get; private init; }

    /// <summary>The moment the request was signed for.</summary>
    public DateTimeOffset SignedAt { get; init; }

    /// <summary>The keys that signed the request.</summary>
    public AwsCredentials? Credentials { get; init; }

    /// <summary>
    /// The connections among which the request's own may have died before the request; null where it was opened for this request, or
    /// lived on with it.
    /// </summary>
    public HttpMessageInvoker? DiedInPool { get; init; }

    public static Outcome Streaming(HttpResponseMessage message, Stream body) => new() { Message = message, Body = body };

    public static Outcome Failed(SageMakerFailure failure, DateTimeOffset? serverDate) =>
        new() { Failure = failure, IsTransient = RetryPolicy.IsWorthwhile(failure), ServerDate = serverDate };

    public static Outcome Failed(SageMakerFailureKind kind, SageMakerStage stage, string message, Exception cause, bool isTransient)
    {
        var failure = new SageMakerFailure { Kind = kind, Stage = stage, Message = message };
        return new() { Failure = failure, Cause = cause, IsTransient = isTransient };
    }

    public static Outcome Failed(SageMakerFailureKind kind, SageMakerStage stage, string message, Exception cause)
    {
        var failure = new SageMakerFailure { Kind = kind, Stage = stage, Message = message };
        return new() { Failure = failure, Cause = cause, IsTransient = RetryPolicy.IsWorthwhile(failure) };
    }

    /// <summary>Names what HttpClient met before a reply was there.</summary>
    public static Outcome Failed(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError when exception.InnerException is AuthenticationException =>
            Failed(SageMakerFailureKind.TlsFailed, SageMakerStage.Connect, TlsFailedText, exception),
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError =>
            Failed(SageMakerFailureKind.ConnectFailed, SageMakerStage.Connect, $"No connection: {Reason(exception)}.", exception),
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
            Failed(SageMakerFailureKind.UnexpectedReply, SageMakerStage.Response, "The reply is not HTTP/1.1.", exception),
        _ => Failed(SageMakerFailureKind.ConnectionCut, SageMakerStage.Response, "The connection ended before a reply.", exception),
    };

    // Names, not the platform's messages: those are stripped from an ahead-of-time build.
    private static string Reason(HttpRequestException exception) =>
        exception.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : exception.HttpRequestError.ToString();
}
