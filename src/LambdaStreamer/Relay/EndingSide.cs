namespace LambdaStreamer.Relay;

/// <summary>Who ended an answer: whom an operator has to look at.</summary>
public enum EndingSide
{
    Client,
    Relay,
    Endpoint,
    Model,
    Lambda,
}
