namespace LambdaStreamer.OpenAI;

/// <summary>Which model a request is for and in which form it wants its answer: what both of OpenAI's requests share.</summary>
internal sealed class RequestHead
{
    public static readonly string[] Names = ["model", "stream", "stream_options"];

    /// <exception cref="RequestProblemException">A member has the wrong type.</exception>
    public RequestHead(RequestObject request)
    {
        Model = request["model"].Text();
        IsStreamed = request["stream"].Boolean() == true;
        var options = request["stream_options"].Object(["include_usage"]);
        IncludesUsage = options["include_usage"].Boolean() == true;
    }

    /// <summary>As the caller named it; null when it named none.</summary>
    public string? Model { get; }

    public bool IsStreamed { get; }

    /// <summary>The caller wants the usage at the end of a stream; an answer that is not streamed always has it.</summary>
    public bool IncludesUsage { get; }
}
