using System.Buffers;
using System.Text.Json.Nodes;
using LambdaStreamer.LocalHost.EventStream;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// Writes a container's body as PayloadPart frames, cut where the fault says, and the frames as HTTP chunks, cut where the fault says.
/// Every chunk has left for the socket when the call returns.
/// </summary>
/// <remarks>
/// Between calls it holds only bytes that do not fill a part yet: none at all unless the fault cuts parts. <see cref="FlushAsync"/>
/// sends them.
/// </remarks>
internal sealed class PartWriter(HttpResponse response, Fault fault, CancellationToken cancellationToken)
{
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly List<byte> _held = [];
    private int _bodyPosition;
    private int _nextPartEnd;

    /// <summary>Whether the next frame's message CRC comes out wrong.</summary>
    public bool DamageNextFrame { get; set; }

    /// <summary>Whether the next frame ends in its middle.</summary>
    public bool TruncateNextFrame { get; set; }

    /// <summary>Whether a frame ended in its middle: the body is over, what is held stays held.</summary>
    public bool IsCut { get; private set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> body)
    {
        _held.AddRange(body.Span);
        while (!IsCut && NextPartLength() is { } length and > 0)
        {
            await WritePartAsync(length);
        }
    }

    public Task FlushAsync() => _held.Count > 0 ? WritePartAsync(_held.Count) : Task.CompletedTask;

    /// <summary>A part without payload, for a fault that strikes when the body has ended.</summary>
    public Task WriteEmptyPartAsync() => WritePartAsync(0);

    public Task WriteExceptionAsync(ReadOnlySpan<byte> exceptionType, JsonObject members)
    {
        _frame.ResetWrittenCount();
        FrameEncoder.WriteException(_frame, exceptionType, "application/json"u8, JsonBytes(members));
        return SendFrameAsync();
    }

    public Task WriteErrorAsync(ReadOnlySpan<byte> code, ReadOnlySpan<byte> message)
    {
        _frame.ResetWrittenCount();
        FrameEncoder.WriteError(_frame, code, message);
        return SendFrameAsync();
    }

    /// <summary>Sends finished frames, or anything else, as the HTTP body.</summary>
    public async Task WriteRawAsync(ReadOnlyMemory<byte> bytes)
    {
        var chunkLength = fault.BytesPerWrite ?? Math.Max(bytes.Length, 1);
        for (var at = 0; at < bytes.Length; at += chunkLength)
        {
            await response.Body.WriteAsync(bytes.Slice(at, Math.Min(chunkLength, bytes.Length - at)), cancellationToken);
        }
    }

    private int? NextPartLength()
    {
        if (fault.BytesPerPart is { } size)
        {
            return _held.Count >= size ? size : null;
        }

        if (_nextPartEnd < fault.PartEnds.Count)
        {
            var toEnd = fault.PartEnds[_nextPartEnd] - _bodyPosition;
            return _held.Count >= toEnd ? toEnd : null;
        }

        return _held.Count;
    }

    private Task WritePartAsync(int length)
    {
        _frame.ResetWrittenCount();
        FrameEncoder.WriteEvent(_frame, "PayloadPart"u8, "application/octet-stream"u8, _held[..length].ToArray());
        _held.RemoveRange(0, length);
        _bodyPosition += length;
        if (_nextPartEnd < fault.PartEnds.Count && _bodyPosition == fault.PartEnds[_nextPartEnd])
        {
            _nextPartEnd++;
        }

        return SendFrameAsync();
    }

    private Task SendFrameAsync()
    {
        var frame = _frame.WrittenMemory.ToArray();
        if (DamageNextFrame)
        {
            frame[^1] ^= 0xff;
            DamageNextFrame = false;
        }

        (IsCut, TruncateNextFrame) = (TruncateNextFrame, false);
        return WriteRawAsync(IsCut ? frame.AsMemory(0, frame.Length / 2) : frame);
    }

    private static byte[] JsonBytes(JsonObject members) => System.Text.Encoding.UTF8.GetBytes(members.ToJsonString());
}
