using System.Text.Encodings.Web;
using System.Text.Json;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>JSON objects as AWS writes them: one line, text not escaped for HTML.</summary>
internal static class AwsJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Object(Action<Utf8JsonWriter> writeMembers)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
