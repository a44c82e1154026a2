using System.Buffers.Binary;
using LambdaStreamer.EventStream;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Makes an input out of seeds. Owns its bytes, which are valid until the next one is made.</summary>
internal sealed class FuzzMutator
{
    private const int MaxLength = 64 * 1024;
    private const int MostMutations = 6;
    private const int LongestRange = 40;

    private readonly byte[] _bytes = new byte[2 * MaxLength];
    private int _length;

    /// <summary>What JSON, lines and markup are made of.</summary>
    private static ReadOnlySpan<byte> Significant => "{}[]\",:\\u0019dnt-e. \r\n</s>\0\u007f\u0085é"u8;

    /// <summary>Lengths at which a frame's rules change.</summary>
    private static ReadOnlySpan<uint> Lengths =>
        [0, 1, 11, 12, 15, 16, 17, 128 * 1024, (128 * 1024) + 1, 256 * 1024, 25 * 1024 * 1024, int.MaxValue, uint.MaxValue];

    public ReadOnlySpan<byte> Make(ref FuzzRandom random, byte[][] seeds, bool isStream)
    {
        Take(seeds[random.Below(seeds.Length)]);

        // Half of them one mutation only: what is broken in many places is refused at the first.
        for (var mutations = random.OneIn(2) ? 1 : 1 + random.Below(MostMutations); mutations > 0 && _length > 0; mutations--)
        {
            Mutate(ref random, seeds);
        }

        if (isStream)
        {
            // Most of the streams have good checksums, so that what was changed is looked at.
            if (!random.OneIn(4))
            {
                SealAll();
            }

            if (random.OneIn(4))
            {
                EditLength(ref random);
            }
        }

        return _bytes.AsSpan(0, _length);
    }

    private void Mutate(ref FuzzRandom random, byte[][] seeds)
    {
        var position = random.Below(_length);
        var count = Math.Min(1 + random.Below(LongestRange), _length - position);
        switch (random.Below(12))
        {
            case 0:
                _bytes[position] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                _bytes[position] = (byte)random.Below(256);
                break;
            case 2:
                _bytes[position] = Significant[random.Below(Significant.Length)];
                break;
            case 3:
                Replace(position, count, default);
                break;
            case 4:
                Replace(position, 0, Significant.Slice(random.Below(Significant.Length - 4), 1 + random.Below(4)));
                break;
            case 5:
                Span<byte> twice = stackalloc byte[LongestRange];
                _bytes.AsSpan(position, count).CopyTo(twice);
                Replace(position, 0, twice[..count]);
                break;
            case 6:
                var other = seeds[random.Below(seeds.Length)];
                Replace(position, _length - position, other.AsSpan(random.Below(other.Length)));
                break;
            case 7:
                _length = position;
                break;
            default:
                SwapWithinClass(ref random, position);
                break;
        }
    }

    /// <summary>Another digit for a digit, another letter for a letter: what is read stays readable.</summary>
    private void SwapWithinClass(ref FuzzRandom random, int position)
    {
        ref var single = ref _bytes[position];
        single = char.IsAsciiDigit((char)single) ? (byte)('0' + random.Below(10))
            : char.IsAsciiLetter((char)single) ? (byte)((single & 0x20) + 'A' + random.Below(26))
            : single;
    }

    private void Take(ReadOnlySpan<byte> seed)
    {
        seed.CopyTo(_bytes);
        _length = seed.Length;
    }

    private void Replace(int position, int count, ReadOnlySpan<byte> by)
    {
        var length = _length - count + by.Length;
        if (length <= MaxLength)
        {
            _bytes.AsSpan((position + count).._length).CopyTo(_bytes.AsSpan(position + by.Length));
            by.CopyTo(_bytes.AsSpan(position));
            _length = length;
        }
    }

    private void SealAll()
    {
        for (var start = 0; start < _length;)
        {
            start = FuzzSeeds.Seal(_bytes.AsSpan(0, _length), start);
        }
    }

    /// <summary>Another total or headers length in one of the first frames, with checksums that say it is meant.</summary>
    private void EditLength(ref FuzzRandom random)
    {
        var start = 0;
        for (var frames = random.Below(4); frames > 0 && _length - start >= FrameFormat.MinFrameLength; frames--)
        {
            var next = start + BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(start));
            if (next <= start || next > _length - FrameFormat.MinFrameLength)
            {
                break;
            }

            start = next;
        }

        if (_length - start < FrameFormat.MinFrameLength)
        {
            return;
        }

        var field = _bytes.AsSpan(start + (random.OneIn(2) ? 0 : FrameFormat.HeadersLengthOffset));
        var length = BinaryPrimitives.ReadUInt32BigEndian(field);

        // A length that is believed makes the reader ask for that much memory: mostly a small one, for speed.
        length = random.OneIn(32) ? Lengths[random.Below(Lengths.Length)] : (uint)(length + random.Below(65) - 32);
        BinaryPrimitives.WriteUInt32BigEndian(field, length);
        FuzzSeeds.Seal(_bytes.AsSpan(0, _length), start);
    }
}
