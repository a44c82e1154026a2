using System.Text;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>What a frame said, beyond the life of its bytes.</summary>
internal sealed record ReadFrame(FrameKind Kind, string Name, string Payload)
{
    /// <param name="frame">The frame; its name is whichever of the three headers that name one it has.</param>
    public static ReadFrame Copy(Frame frame)
    {
        var name = Encoding.UTF8.GetString(frame.EventType)
            + Encoding.UTF8.GetString(frame.ExceptionType)
            + Encoding.UTF8.GetString(frame.ErrorCode);

        // Latin-1 keeps bytes apart that are no UTF-8 by themselves.
        return new ReadFrame(frame.Kind, name, Encoding.Latin1.GetString(frame.Payload));
    }
}
