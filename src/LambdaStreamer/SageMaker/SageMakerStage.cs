namespace LambdaStreamer.SageMaker;

/// <summary>How far a call had come when it failed.</summary>
public enum SageMakerStage
{
    /// <summary>Nothing was sent.</summary>
    Request,

    /// <summary>Getting the keys to sign with.</summary>
    Credentials,

    /// <summary>Opening a connection.</summary>
    Connect,

    /// <summary>The request was sent; no stream was handed out.</summary>
    Response,

    /// <summary>The stream was handed out.</summary>
    Body,
}
