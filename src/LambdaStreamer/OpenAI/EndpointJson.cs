using System.Text.Encodings.Web;
using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>The writer of a body for the endpoint, begun as an object; text goes out as UTF-8 and not as escapes.</summary>
internal static class EndpointJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Utf8JsonWriter Begin(ByteBuffer output)
    {
        var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        return json;
    }
}
