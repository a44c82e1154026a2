namespace LambdaStreamer.Tests.Conformance;

/// <summary>What a client showed of one column.</summary>
/// <param name="Column">One of <see cref="Column.All"/>.</param>
/// <param name="Result">JSON; null when the client could not even be asked.</param>
/// <param name="Failure">Why not.</param>
internal sealed record CellResult(string Column, string? Result, string? Failure);
