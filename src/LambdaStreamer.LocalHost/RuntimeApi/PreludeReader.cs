using System.Buffers;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>
/// Finds the end of a prelude in payload bytes cut anywhere: everything up to the first run of eight NUL bytes is its JSON.
/// </summary>
internal sealed class PreludeReader
{
    public const int DelimiterLength = 8;

    /// <summary>API Gateway's documented bound for JSON and delimiter; none is documented for Function URLs.</summary>
    public const int MaxBytes = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private int _nulsAtEnd;

    /// <summary>The JSON without its delimiter; complete once <see cref="Read"/> said Done.</summary>
    public ReadOnlyMemory<byte> Json => _bytes.WrittenMemory[..(_bytes.WrittenCount - _nulsAtEnd)];

    /// <summary>Bytes of JSON and delimiter so far.</summary>
    public int Length => _bytes.WrittenCount;

    /// <summary>
    /// Done: the delimiter ended at <paramref name="consumed"/>. InvalidData: no delimiter within <see cref="MaxBytes"/>.
    /// </summary>
    public OperationStatus Read(ReadOnlySpan<byte> payload, out int consumed)
    {
        for (consumed = 0; consumed < payload.Length;)
        {
            if (_nulsAtEnd == DelimiterLength)
            {
                return OperationStatus.Done;
            }

            if (_bytes.WrittenCount == MaxBytes)
            {
                return OperationStatus.InvalidData;
            }

            var value = payload[consumed++];
            _nulsAtEnd = value == 0 ? _nulsAtEnd + 1 : 0;
            _bytes.Write([value]);
        }

        return _nulsAtEnd == DelimiterLength ? OperationStatus.Done : OperationStatus.NeedMoreData;
    }
}
