namespace LambdaStreamer.Relay;

/// <summary>Is shown a line of a container's answer; it is valid during the call.</summary>
internal delegate void LineObserver(ReadOnlySpan<byte> line);
