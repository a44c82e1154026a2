using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>Makes an API key and prints it, this once and nowhere else, with its entry for the function's <c>API_KEY_HASHES</c>.</summary>
internal static class KeysCommand
{
    /// <summary>What finds a key that was published by mistake.</summary>
    private const string KeyPrefix = "lsk_";

    private const int KeyBytes = 32;

    /// <summary>Into a pipe two lines: the key, its entry.</summary>
    /// <returns>0.</returns>
    public static async Task<int> NewAsync(ApiKeyEntry entry, bool json, bool isTerminal, TextWriter output)
    {
        var key = KeyPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        var text = entry.Format(key);
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new { name = entry.Name, key, entry = text }, JsonSerializerOptions.Default));
            return 0;
        }

        await output.WriteLineAsync(key);
        await output.WriteLineAsync(text);
        if (isTerminal)
        {
            await output.WriteLineAsync("""

                The first line is the key. It is shown this once: give it to the caller, who sends it as x-api-key.
                The second line goes into the function's API_KEY_HASHES, behind a comma if others stand there. The key cannot be found from it.
                """);
        }

        return 0;
    }
}
