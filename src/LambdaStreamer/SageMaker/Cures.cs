namespace LambdaStreamer.SageMaker;

/// <summary>What was done in a call against the cause of a failure; each is tried once.</summary>
internal struct Cures
{
    public bool FreshConnection;
    public bool Clock;
    public bool Credentials;
}
