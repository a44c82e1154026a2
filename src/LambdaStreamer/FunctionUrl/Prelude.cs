using System.Text.Json;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// The head of a streamed HTTP answer: JSON, then eight NUL, then the body (AWS Lambda Developer Guide, "Building a custom runtime"). The
/// Function URL's front end reads status, headers and cookies from it; an SDK caller gets it as part of the payload.
/// </summary>
public static class Prelude
{
    /// <summary>The content type that tells the front end that a prelude follows.</summary>
    public const string ContentType = "application/vnd.awslambda.http-integration-response";

    private static ReadOnlySpan<byte> Delimiter => [0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Writes the prelude. JSON escapes NUL, so the delimiter cannot occur in it.</summary>
    public static void Write(ByteBuffer output, int status, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("statusCode"u8, status);
            json.WriteStartObject("headers"u8);
            foreach (var (name, value) in headers)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.Append(Delimiter);
    }
}
