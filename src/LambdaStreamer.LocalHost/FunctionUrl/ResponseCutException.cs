using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.FunctionUrl;

/// <summary>
/// Ends a response that has begun: Kestrel closes the connection after what was written, without the last chunk, and that is how an
/// HTTP/1.1 client learns of an error after the head.
/// </summary>
internal sealed class ResponseCutException(InvocationOutcome outcome)
    : Exception($"the function failed with {outcome.ErrorType} after its response had begun");
