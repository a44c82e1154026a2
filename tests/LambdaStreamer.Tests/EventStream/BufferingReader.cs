using System.Buffers;
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
