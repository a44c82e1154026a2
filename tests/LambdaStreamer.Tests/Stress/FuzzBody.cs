namespace LambdaStreamer.Tests.Stress;

/// <summary>A response body from memory that is cut into reads. Used again for each input; holds bytes of its own.</summary>
internal sealed class FuzzBody : Stream
{
    private const int MostCuts = 8;

    private readonly List<int> _cuts = [];
    private byte[] _bytes = [];
    private int _length;
    private int _position;
    private int _nextCut;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether all of it was read.</summary>
    public bool IsAtEnd => _position == _length;

    /// <summary>The pieces of the same bytes, as <see cref="ReadAsync(Memory{byte}, CancellationToken)"/> brings them.</summary>
    public bool TryTake(out ReadOnlySpan<byte> piece)
    {
        piece = Next(_length);
        return !piece.IsEmpty;
    }

    /// <summary>One piece.</summary>
    public void Set(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length < bytes.Length)
        {
            _bytes = new byte[bytes.Length * 2];
        }

        bytes.CopyTo(_bytes);
        _length = bytes.Length;
        _cuts.Clear();
        Rewind();
    }

    /// <summary>The same bytes from their beginning, in other pieces: a few, or single bytes.</summary>
    public void Cut(ref FuzzRandom random)
    {
        _cuts.Clear();
        if (random.OneIn(16))
        {
            _cuts.AddRange(Enumerable.Range(1, Math.Max(0, Math.Min(_length - 1, 600))));
        }
        else if (_length > 1)
        {
            for (var cuts = 1 + random.Below(MostCuts); cuts > 0; cuts--)
            {
                _cuts.Add(1 + random.Below(_length - 1));
            }

            _cuts.Sort();
        }

        Rewind();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = Next(buffer.Length);
        piece.CopyTo(buffer.Span);
        return new(piece.Length);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Rewind()
    {
        _position = 0;
        _nextCut = 0;
    }

    private ReadOnlySpan<byte> Next(int mostLength)
    {
        while (_nextCut < _cuts.Count && _cuts[_nextCut] <= _position)
        {
            _nextCut++;
        }

        var end = _nextCut < _cuts.Count ? _cuts[_nextCut] : _length;
        var piece = _bytes.AsSpan(_position, Math.Min(end - _position, mostLength));
        _position += piece.Length;
        return piece;
    }
}
