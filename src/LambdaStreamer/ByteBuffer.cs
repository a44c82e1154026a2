using System.Buffers;

namespace LambdaStreamer;

/// <summary>
/// Bytes in an array of <see cref="ArrayPool{T}"/>: appended at the end, consumed from the front. Every buffer that lives longer than a
/// call is one of these, so what is rented is returned, and cleared, in one place. Not thread-safe; spans and memories are valid until the
/// next append.
/// </summary>
/// <remarks>Invariant: <c>0 &lt;= _start &lt;= _end &lt;= _array.Length</c>; the unread bytes are <c>_array[_start.._end]</c>.</remarks>
public sealed class ByteBuffer : IBufferWriter<byte>, IDisposable
{
#if DEBUG
    // Tiny on purpose: growing and shifting then happen in every test run.
    private const int DefaultCapacity = 16;
#else
    private const int DefaultCapacity = 4096;
#endif

    private readonly int _initialCapacity;
    private byte[] _array = [];
    private int _start;
    private int _end;

    public ByteBuffer(int initialCapacity = DefaultCapacity) => _initialCapacity = initialCapacity;

    public int Length => _end - _start;

    public ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    public ReadOnlyMemory<byte> UnreadMemory => _array.AsMemory(_start, _end - _start);

    /// <summary>
    /// The unread bytes for writing in place (a chunk size that is known only after its data, base64 decoded where it stands).
    /// </summary>
    public Span<byte> UnreadForUpdate => _array.AsSpan(_start, _end - _start);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _array.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _array.AsSpan(_end);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - _end), nameof(count));
        _end += count;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Drops <paramref name="count"/> bytes from the front.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Length, nameof(count));
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    /// <summary>Drops bytes from the end until <paramref name="length"/> are left.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        _end = _start + length;
    }

    public void Clear() => _start = _end = 0;

    /// <summary>Empties the buffer and, if it grew past <paramref name="capacity"/>, gives its memory back.</summary>
    public void ClearAndShrink(int capacity)
    {
        Clear();
        if (_array.Length > capacity)
        {
            Dispose();
        }
    }

    /// <summary>Gives the memory back to the pool, cleared, because it held text of users. The buffer can be used again.</summary>
    public void Dispose()
    {
        var array = _array;
        _array = [];
        _start = _end = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array, clearArray: true);
        }
    }

    private void MakeRoom(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_array.Length - _end >= needed)
        {
            return;
        }

        var length = Length;
        if (_array.Length - length >= needed && _start >= length)
        {
            // Shifting moves at most as many bytes as were consumed since the last shift, so appending stays linear.
            _array.AsSpan(_start, length).CopyTo(_array);
        }
        else
        {
            var array = ArrayPool<byte>.Shared.Rent((int)Math.Min(
                Array.MaxLength, Math.Max(Math.Max(2L * length, (long)length + needed), _initialCapacity)));
            Unread.CopyTo(array);
            if (_array.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_array, clearArray: true);
            }

            _array = array;
        }

        _start = 0;
        _end = length;
    }
}
