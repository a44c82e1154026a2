namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>One header or trailer field as it stood on the wire, name in the sender's case.</summary>
public readonly record struct HeaderField(string Name, string Value);
