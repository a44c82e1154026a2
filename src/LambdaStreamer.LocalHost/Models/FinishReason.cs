namespace LambdaStreamer.LocalHost.Models;

/// <summary>Why a model stopped.</summary>
internal enum FinishReason
{
    Length,
    EosToken,
    StopSequence,
}
