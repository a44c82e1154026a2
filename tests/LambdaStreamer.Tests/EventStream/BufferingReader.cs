using System.Buffers;
using System.Text;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.EventStream;

/// <summary>A caller of the decoder as its remarks ask for one: it keeps what was not consumed, and appends what arrives.</summary>
internal sealed class BufferingReader
{
    private FrameDecoder _decoder;
    private byte[] _buffered = [];

    public List<ReadFrame> Frames { get; } = [];

    public FrameError Error => _decoder.Error;

    public static BufferingReader ReadAll(params IEnumerable<byte[]> pieces)
    {
        var reader = new BufferingReader();
        foreach (var piece in pieces)
        {
            reader.Receive(piece);
        }

        reader.End();
        return reader;
    }

    public void Receive(ReadOnlySpan<byte> piece)
    {
        // A fresh array each time: the bytes move between two calls, and nothing lies behind them.
        _buffered = [.. _buffered, .. piece];
        while (_decoder.Read(_buffered, out var frame, out var consumed) == OperationStatus.Done)
        {
            Frames.Add(ReadFrame.Copy(frame));
            _buffered = _buffered[consumed..];
        }
    }

    public OperationStatus End() => _decoder.End(_buffered);
}

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
