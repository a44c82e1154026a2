using System.Globalization;

namespace LambdaStreamer.SageMaker;

/// <summary>Which request of a call it is, as the SDKs' headers tell it.</summary>
/// <param name="CallId">For <c>amz-sdk-invocation-id</c>: the same in all requests of a call.</param>
/// <param name="Attempt">From 1, to each endpoint.</param>
/// <param name="MaxAttempts">How many the endpoint may get.</param>
internal readonly record struct AttemptNumber(string CallId, int Attempt, int MaxAttempts)
{
    /// <summary>The value of <c>amz-sdk-request</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"attempt={Attempt}; max={MaxAttempts}");
}
