using System.Buffers;
using System.Text;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Appends the pieces of a signature's texts to one buffer, each in the form the signature wants. The buffer must be large enough:
/// one that isn't throws, it doesn't grow.
/// </summary>
internal ref struct SigV4Text(Span<byte> buffer)
{
    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Length..]);
        Length += bytes.Length;
    }

    public void Append(scoped ReadOnlySpan<char> text) => Length += Encoding.UTF8.GetBytes(text, _buffer[Length..]);

    /// <summary>Lower-case hexadecimal.</summary>
    public void AppendHex(scoped ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _buffer[Length++] = "0123456789abcdef"u8[value >> 4];
            _buffer[Length++] = "0123456789abcdef"u8[value & 15];
        }
    }

    /// <summary>Percent-encodes everything but unreserved characters and slashes, percent signs included.</summary>
    public void AppendPath(string path)
    {
        Span<byte> character = stackalloc byte[4];
        foreach (var rune in path.EnumerateRunes())
        {
            foreach (var value in character[..rune.EncodeToUtf8(character)])
            {
                if (value == (byte)'/' || Unreserved.Contains(value))
                {
                    _buffer[Length++] = value;
                }
                else
                {
                    _buffer[Length++] = (byte)'%';
                    _buffer[Length++] = "0123456789ABCDEF"u8[value >> 4];
                    _buffer[Length++] = "0123456789ABCDEF"u8[value & 15];
                }
            }
        }
    }

    /// <summary>Sorts an encoded query by name, then by value; a name without a value gets its equals sign.</summary>
    public void AppendQuery(string query)
    {
        if (query.Length == 0)
        {
            return;
        }

        var parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries);
        for (var index = 0; index < parameters.Length; index++)
        {
            parameters[index] = parameters[index].Contains('=') ? parameters[index] : parameters[index] + "=";
        }

        Array.Sort(parameters, static (left, right) =>
        {
            var leftName = left.AsSpan(0, left.IndexOf('='));
            var rightName = right.AsSpan(0, right.IndexOf('='));
            var byName = leftName.SequenceCompareTo(rightName);
            return byName != 0 ? byName : string.CompareOrdinal(left, right);
        });
        Append(string.Join('&', parameters));
    }

    /// <summary>A header value without blanks around it and with runs of blanks made one.</summary>
    public void AppendTrimmed(string value)
    {
        var rest = value.AsSpan().Trim(' ');
        while (rest.IndexOf("  ", StringComparison.Ordinal) is var run and >= 0)
        {
            Append(rest[..(run + 1)]);
            rest = rest[run..].TrimStart(' ');
        }

        Append(rest);
    }
}
