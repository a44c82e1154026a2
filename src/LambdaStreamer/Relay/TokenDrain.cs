using System.Buffers;
using LambdaStreamer.Lines;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>
/// The synchronous middle of the relay: takes everything that one read brought through frames, lines and tokens into the answer's bytes.
/// Owns what must survive between reads. Holds nothing back: what a read completes is written before the next read.
/// </summary>
internal sealed class TokenDrain(Answer answer) : IDisposable
{
    private readonly LineReader _lines = new();
    private readonly TokenReader _tokens = new();
    private Usage _usage;

    public ref readonly Usage Usage => ref _usage;

    /// <summary>Everything read so far. An error ends the stream; what came before it has been written.</summary>
    public RelayError? Drain(PayloadPartReader parts, IBufferWriter<byte> output)
    {
        while (true)
        {
            switch (parts.TryRead(out var part))
            {
                case OperationStatus.NeedMoreData:
                    return null;
                case OperationStatus.InvalidData:
                    return parts.Error;
            }

            if (Drain(part, output) is { } error)
            {
                return error;
            }
        }
    }

    /// <summary>
    /// The body has ended: what is left without a line end, then whether all of it was there. Containers are known to leave the last line
    /// end out.
    /// </summary>
    public RelayError? End(PayloadPartReader parts, IBufferWriter<byte> output)
    {
        // A frame that was cut explains half a line better than the line does.
        var isCut = parts.End() == OperationStatus.InvalidData;
        if (_lines.TryReadLast(out var line) && Take(line, output) is { } error && !isCut)
        {
            return error;
        }

        if (_usage.IsComplete)
        {
            return null;
        }

        return isCut ? parts.Error : StreamErrors.ModelEndMissing;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _tokens.Dispose();
    }

    private RelayError? Drain(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
    {
        while (true)
        {
            switch (_lines.Read(ref part, out var line))
            {
                case OperationStatus.NeedMoreData:
                    return null;
                case OperationStatus.InvalidData:
                    return StreamErrors.LineTooLong;
            }

            if (Take(line, output) is { } error)
            {
                return error;
            }
        }
    }

    private RelayError? Take(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        var token = _tokens.Read(line);
        switch (token.Kind)
        {
            case TokenKind.Token:
                _usage.Add(token);
                answer.WriteToken(token, output);
                return null;
            case TokenKind.Error:
                return StreamErrors.OfModel(token);
            case TokenKind.Malformed:
                return StreamErrors.LineMalformed;
            default:
                // Unknown objects are passed over: an answer that consists of nothing else ends without the model's end marker, as an
                // error.
                return null;
        }
    }
}
