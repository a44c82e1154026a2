using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// The body of <c>POST /v1/completions</c> (OpenAI API reference, "Create completion", legacy). One prompt of text; members that it does
/// not know are ignored, those that would change the answer and cannot be honoured are refused by name.
/// </summary>
internal sealed class CompletionRequest
{
    private const int MaxLogprobs = 5;

    private static readonly string[] Names =
        [.. RequestHead.Names, .. SamplingParameters.Names, "prompt", "logprobs", "best_of", "echo", "suffix"];

    private CompletionRequest(RequestObject request)
    {
        Head = new RequestHead(request);
        Prompt = PromptOf(request["prompt"]);
        Sampling = new SamplingParameters(request);
        Logprobs = (int?)request["logprobs"].Integer(0, MaxLogprobs);
        if (request["best_of"].Integer(1, 20) > 1)
        {
            throw new RequestProblemException("best_of", "best_of must be 1: this function gives the answer that the model makes.");
        }

        if (request["echo"].Boolean() == true)
        {
            throw new RequestProblemException("echo", "echo is not supported: the prompt is not repeated.");
        }

        if (request["suffix"].Text() is { Length: > 0 })
        {
            throw new RequestProblemException("suffix", "suffix is not supported by the models behind this function.");
        }
    }

    public RequestHead Head { get; }

    public string Prompt { get; }

    public SamplingParameters Sampling { get; }

    /// <summary>How many likeliest tokens the caller wants beside each token's own logprob; null for no logprobs at all.</summary>
    public int? Logprobs { get; }

    /// <exception cref="RequestProblemException">The request cannot be served as it stands.</exception>
    public static CompletionRequest Parse(ReadOnlyMemory<byte> body) => new(RequestObject.Parse(body, Names));

    /// <summary>
    /// OpenAI takes several prompts and token ids as well; an array of one string is what some clients make of one prompt.
    /// </summary>
    private static string PromptOf(RequestValue prompt)
    {
        if (prompt.Type == JsonTokenType.String)
        {
            return prompt.Text()!;
        }

        string? text = null;
        if (prompt.Type == JsonTokenType.StartArray)
        {
            foreach (var element in prompt.Elements())
            {
                if (element.Type != JsonTokenType.String || text is not null)
                {
                    throw prompt.Wrong("one string: several prompts and token ids are not taken");
                }

                text = element.Text();
            }
        }

        return text ?? throw prompt.Wrong("a string");
    }
}
