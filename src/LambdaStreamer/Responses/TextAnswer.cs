using System.Buffers;
using System.Text;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>The text of the tokens a reader should see, and nothing else.</summary>
internal sealed class TextAnswer : Answer
{
    public override string ContentType => "text/plain; charset=utf-8";

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        if (!token.IsSpecial)
        {
            output.Write(token.Text);
        }
    }

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
    }

    /// <summary>
    /// Plain text has no place for an error, and an HTTP client behind a Function URL may see a clean end: a line of its own, in brackets,
    /// is the one sign a reader gets.
    /// </summary>
    public override void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        output.Write("\n[error: "u8);
        output.Write(Encoding.UTF8.GetBytes(error.Message));
        output.Write("]\n"u8);
    }

    public override void Dispose()
    {
    }
}
