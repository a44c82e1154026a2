namespace LambdaStreamer;

/// <summary>In which form a container takes a request.</summary>
public enum EndpointApi
{
    /// <summary><c>{"inputs", "parameters"}</c> alone: TGI before 2.4 without its messages API, and models without a chat template.</summary>
    Generate,

    /// <summary>OpenAI's <c>{"messages"}</c> as well as <c>{"inputs"}</c>: TGI 2.4 and later, DJL LMI.</summary>
    Both,

    /// <summary>OpenAI's forms alone: vLLM.</summary>
    OpenAI,
}
