namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>A message of a chat; parts of text are joined, other parts are refused.</summary>
internal sealed record ChatTurn(string Role, string Content);
