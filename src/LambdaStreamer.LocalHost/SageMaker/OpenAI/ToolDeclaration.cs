using System.Text.Json;

namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>A function that the model may call; <paramref name="Parameters"/> is the JSON Schema of its arguments.</summary>
internal sealed record ToolDeclaration(string Name, JsonElement? Parameters);
