using System.Buffers;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace LambdaStreamer.Access;

/// <summary>
/// The keys that callers may show. What a caller shows is hashed and compared with every key's hash in constant time: how long that takes
/// tells neither which key was nearly met nor how much of it.
/// </summary>
public sealed class ApiKeys(IReadOnlyList<ApiKey> keys)
{
    /// <summary>No key is asked for: who may call is decided elsewhere, by IAM.</summary>
    public static ApiKeys None { get; } = new([]);

    /// <summary>Bytes of UTF-8; what is longer is no key and is not hashed.</summary>
    private const int MaxKeyLength = 256;

    public bool AreRequired => keys.Count > 0;

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<ApiKey> All => keys;

    /// <summary>Null: none of the keys.</summary>
    public ApiKey? Find(ReadOnlySpan<char> shown)
    {
        Span<byte> text = stackalloc byte[MaxKeyLength];
        if (shown.Length > MaxKeyLength
            || Utf8.FromUtf16(shown, text, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        text.Clear();
        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span))
            {
                found = key;
            }
        }

        return found;
    }
}
