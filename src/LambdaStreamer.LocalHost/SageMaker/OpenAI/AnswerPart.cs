namespace LambdaStreamer.LocalHost.SageMaker.OpenAI;

/// <summary>What a token of an answer belongs to.</summary>
internal enum AnswerPart
{
    Reasoning,
    Content,
    ToolArguments,
}
