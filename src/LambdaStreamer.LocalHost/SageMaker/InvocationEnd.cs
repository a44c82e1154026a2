namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>How an invocation ended, seen from the twin.</summary>
public enum InvocationEnd
{
    /// <summary>Everything there was to send was sent.</summary>
    Answered,

    /// <summary>An error status instead of an answer.</summary>
    Refused,

    /// <summary>The stream was broken off on demand, or because the upstream broke off.</summary>
    Broken,

    /// <summary>The client closed the connection before the end; generation stopped there.</summary>
    ClientGone,

    /// <summary>The twin was stopped while it was answering.</summary>
    TwinStopped,
}
