namespace LambdaStreamer.Tests.Stress;

/// <summary>How the endpoint's answer ends in a soak.</summary>
internal enum SoakEnd
{
    Ends,
    Resets,
    FallsSilent,
    Refuses,
}
