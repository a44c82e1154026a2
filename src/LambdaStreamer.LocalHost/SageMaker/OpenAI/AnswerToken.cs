using System.Text;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>
/// A token of an answer. <paramref name="Text"/> is what becomes visible with it; that differs from what the token itself says where a
/// character is incomplete or a stop sequence may have begun.
/// </summary>
internal readonly record struct AnswerToken(AnswerPart Part, string Text, TokenPiece Piece)
{
    /// <summary>What the token itself says; a piece of a character as tokenizers name it, such as <c>&lt;0xF0&gt;</c>.</summary>
    public string Name
    {
        get
        {
            var bytes = Piece.Utf8.Span;
            return bytes.Length == 1 && bytes[0] >= 0x80 ? $"<0x{bytes[0]:X2}>" : Encoding.UTF8.GetString(bytes);
        }
    }
}
