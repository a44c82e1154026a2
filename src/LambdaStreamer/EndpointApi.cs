namespace LambdaStreamer;

/// <summary>In which form a container takes a request.</summary>
public enum EndpointApi
{
    /// <summary><c>{"inputs", "parameters"}</c> alone: TGI before 2.4 without its messages API, and models without a chat template.</summary>
    Generate,

    /// <summary><c>{"messages"}</c> and <c>{"prompt"}</c> of OpenAI as well as <c>{"inputs"}</c>: TGI 2.4 and later, DJL LMI.</summary>
    Both,

    /// <summary>OpenAI's forms alone: vLLM.</summary>
    OpenAI,
}
