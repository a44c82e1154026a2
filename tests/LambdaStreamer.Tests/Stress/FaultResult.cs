namespace LambdaStreamer.Tests.Stress;

/// <summary>What came of a cell.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="Told">What client and Lambda were told, for the table.</param>
/// <param name="Failure">What was told wrongly; null when all was right.</param>
internal sealed record FaultResult(FaultCell Cell, string Told, Exception? Failure);
