namespace LambdaStreamer.LocalHost.Models;

/// <summary>
/// A token as a client sees it. <paramref name="Text"/> is empty while a character spelt in bytes is incomplete; the last of its bytes
/// brings the whole character.
/// </summary>
internal readonly record struct GeneratedToken(int Id, string Text, bool Special);
