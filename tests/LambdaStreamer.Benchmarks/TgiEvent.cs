using System.Text.Json;
using System.Text.Json.Serialization;

namespace LambdaStreamer.Benchmarks;

/// <summary>One event of TGI's generate stream as an ordinary program declares it: what the JSON serializer fills and writes.</summary>
internal sealed record TgiEvent(int Index, TgiToken Token, string? GeneratedText, JsonElement? Details);

internal sealed record TgiToken(int Id, string Text, double? Logprob, bool Special);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TgiEvent))]
internal sealed partial class TgiJson : JsonSerializerContext;
