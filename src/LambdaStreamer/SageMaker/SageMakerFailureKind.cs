namespace LambdaStreamer.SageMaker;

/// <summary>What went wrong with a call, by the side that has to act.</summary>
public enum SageMakerFailureKind
{
    /// <summary>Nothing below fits; status and code say more.</summary>
    Unknown,

    /// <summary>The caller: a value SageMaker doesn't take.</summary>
    Validation,

    /// <summary>The caller: a body larger than SageMaker takes.</summary>
    TooLarge,

    /// <summary>The operator: no such endpoint, variant or inference component.</summary>
    NotFound,

    /// <summary>The operator: the policy denies it, the keys are unknown, or the signature is wrong.</summary>
    AccessDenied,

    /// <summary>The operator: the session token is past its time.</summary>
    ExpiredCredentials,

    /// <summary>The operator: no credentials could be had.</summary>
    Credentials,

    /// <summary>SageMaker: scaled to zero; capacity comes in minutes, not in seconds.</summary>
    NoCapacity,

    /// <summary>SageMaker: too many requests.</summary>
    Throttled,

    /// <summary>SageMaker: the model is still being loaded.</summary>
    ModelNotReady,

    /// <summary>SageMaker: 502, 503 or 504.</summary>
    ServiceUnavailable,

    /// <summary>SageMaker: 500, or 530 when something it depends on failed.</summary>
    InternalFailure,

    /// <summary>SageMaker, or something between: an answer that no SageMaker runtime gives, such as a proxy's HTML.</summary>
    UnexpectedReply,

    /// <summary>The container: it answered with an error of its own, see <see cref="SageMakerFailure.OriginalStatusCode"/>.</summary>
    ModelError,

    /// <summary>The operator: TLS was refused, most often because the trust store doesn't know the certificate's issuer.</summary>
    TlsFailed,

    /// <summary>The network: no address, no route, refused, or cut during TLS.</summary>
    ConnectFailed,

    /// <summary>The network: no connection within the connect timeout.</summary>
    ConnectTimedOut,

    /// <summary>The network: the connection ended before the reply did.</summary>
    ConnectionCut,

    /// <summary>Time: no token came within the first-token timeout.</summary>
    FirstTokenTimedOut,

    /// <summary>Time: no further token came within the idle timeout.</summary>
    IdleTimedOut,

    /// <summary>Time: the call took longer than the total timeout allows.</summary>
    TotalTimedOut,

    /// <summary>Time: the request's deadline came first.</summary>
    DeadlineNear,
}
