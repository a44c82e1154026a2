using System.Buffers;

namespace LambdaStreamer.Relay;

/// <summary>Writes an error's JSON object as the callers of one surface expect it.</summary>
public delegate void ErrorShape(RelayError error, IBufferWriter<byte> output);
