using System.Buffers;
using System.Text.Json;

namespace LambdaStreamer.RuntimeApi;

/// <summary>What Lambda is told of a failure.</summary>
/// <param name="Type"><c>Category.Reason</c>; kept by Lambda only if it matches <c>(Runtime|Function)\.[A-Z][a-zA-Z]+</c>.</param>
/// <param name="Message">Ends up in the caller's hands when the function is invoked directly: no secrets, no text of users.</param>
public sealed record FunctionError(string Type, string Message)
{
    /// <summary><c>{"errorMessage","errorType","stackTrace":[]}</c>.</summary>
    public void WriteJson(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("errorMessage"u8, Message);
        json.WriteString("errorType"u8, Type);
        json.WriteStartArray("stackTrace"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
