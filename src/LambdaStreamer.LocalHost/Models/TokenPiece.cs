namespace LambdaStreamer.LocalHost.Models;

/// <summary>A token as the model emits it: an id and the bytes it stands for, which may be a part of a character.</summary>
internal readonly record struct TokenPiece(int Id, ReadOnlyMemory<byte> Utf8);
