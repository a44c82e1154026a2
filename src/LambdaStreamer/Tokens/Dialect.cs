namespace LambdaStreamer.Tokens;

/// <summary>How a container writes its answer. Both framings (SSE <c>data</c> lines and bare JSON lines) belong to every dialect.</summary>
public enum Dialect
{
    /// <summary>Told object by object from its members; a stream may mix dialects.</summary>
    Recognised,

    /// <summary><c>{"token": {…}, "generated_text": …}</c>: TGI generate, DJL LMI.</summary>
    Generate,

    /// <summary><c>{"choices": [{"delta": {…}}]}</c>: OpenAI chat of TGI, LMI and vLLM.</summary>
    Chat,

    /// <summary><c>{"choices": [{"text": …}]}</c>: OpenAI completions.</summary>
    Completions,

    /// <summary><c>{"outputs": […]}</c>: LMI's old static batch.</summary>
    Outputs,
}
