using System.Runtime.ExceptionServices;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>What came of one relayed answer, for the log.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="Error">What the client was told; null for a success.</param>
/// <param name="Usage">What is known of its size.</param>
/// <param name="Repeats">How often the endpoint was asked again.</param>
public sealed record RelayOutcome(Ending Ending, RelayError? Error, Usage Usage, Repeats Repeats)
{
    /// <summary>What the container spoke; null when no token came.</summary>
    public Dialect? Dialect { get; init; }

    /// <summary>Lines of the container's answer that no dialect knows.</summary>
    public int UnknownCount { get; init; }

    /// <summary>SageMaker's id of the request that was answered; null when none was.</summary>
    public string? EndpointRequestId { get; init; }

    /// <summary>Why Lambda did not take the answer; null when it did.</summary>
    public RuntimeApiException? Lost { get; init; }

    /// <summary>For the loop to decide whether the process can go on.</summary>
    /// <exception cref="RuntimeApiException"><see cref="Lost"/>.</exception>
    public void ThrowIfLost()
    {
        if (Lost is not null)
        {
            ExceptionDispatchInfo.Throw(Lost);
        }
    }
}
