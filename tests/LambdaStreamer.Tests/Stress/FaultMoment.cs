namespace LambdaStreamer.Tests.Stress;

/// <summary>How many tokens the endpoint has sent when the fault comes.</summary>
internal enum FaultMoment
{
    BeforeFirst = 0,
    AfterFirst = 1,
    AfterHundredth = 100,
}
