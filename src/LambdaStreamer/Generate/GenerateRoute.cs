namespace LambdaStreamer.Generate;

/// <summary>The routes of TGI's generate request, which differ in the answer.</summary>
public enum GenerateRoute
{
    /// <summary><c>/</c> and <c>/invocations</c>: as <c>Accept</c> and <c>stream</c> say; a buffered answer is an array of one.</summary>
    Negotiated,

    /// <summary><c>/generate</c>: buffered, one object.</summary>
    Buffered,

    /// <summary><c>/generate_stream</c>: token events.</summary>
    Streamed,
}
