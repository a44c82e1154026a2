using System.Text.Json;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// The body of <c>POST /v1/chat/completions</c> (OpenAI API reference, "Create chat completion"). Members that it does not know are
/// ignored, those that would change the answer and cannot be honoured are refused by name.
/// </summary>
internal sealed class ChatRequest
{
    private const int MaxTopLogprobs = 20;

    private static readonly string[] Names =
    [
        .. RequestHead.Names, .. SamplingParameters.Names,
        "messages", "logprobs", "top_logprobs", "response_format", "tools", "tool_choice", "parallel_tool_calls", "functions",
        "reasoning_effort",
    ];

    private ChatRequest(RequestObject request)
    {
        Head = new RequestHead(request);
        Messages = new ChatMessages(request["messages"]);
        Sampling = new SamplingParameters(request);
        Logprobs = request["logprobs"].Boolean() == true;
        var topLogprobs = request["top_logprobs"].Integer(0, MaxTopLogprobs);
        if (topLogprobs > 0 && !Logprobs)
        {
            throw new RequestProblemException("top_logprobs", "top_logprobs is allowed only with \"logprobs\": true.");
        }

        TopLogprobs = (int)(topLogprobs ?? 0);
        ResponseFormat = FormatOf(request["response_format"]);
        Tools = request["tools"];
        Tools.Expect(JsonTokenType.StartArray, "an array");
        ToolChoice = request["tool_choice"];
        if (!ToolChoice.IsAbsent && ToolChoice.Type is not (JsonTokenType.String or JsonTokenType.StartObject))
        {
            throw ToolChoice.Wrong("a string or an object");
        }

        ParallelToolCalls = request["parallel_tool_calls"];
        ParallelToolCalls.Boolean();
        ReasoningEffort = request["reasoning_effort"];
        ReasoningEffort.Text();
        var functions = request["functions"];
        functions.Expect(JsonTokenType.StartArray, "an array");
        if (!functions.IsEmpty)
        {
            throw new RequestProblemException("functions", "functions is not supported; tools, which came after it, is.");
        }
    }

    public RequestHead Head { get; }

    public ChatMessages Messages { get; }

    public SamplingParameters Sampling { get; }

    public bool Logprobs { get; }

    public int TopLogprobs { get; }

    /// <summary>Absent also where it asks for plain text, which is what TGI has no word for.</summary>
    public RequestValue ResponseFormat { get; }

    public RequestValue Tools { get; }

    public RequestValue ToolChoice { get; }

    public RequestValue ParallelToolCalls { get; }

    public RequestValue ReasoningEffort { get; }

    /// <summary>The request refers to <paramref name="body"/>, which must stay unchanged.</summary>
    /// <exception cref="RequestProblemException">The request cannot be served as it stands.</exception>
    public static ChatRequest Parse(ReadOnlyMemory<byte> body) => new(RequestObject.Parse(body, Names));

    private static RequestValue FormatOf(RequestValue format)
    {
        var type = format.Object(["type"])["type"];
        if (!format.IsAbsent && type.IsAbsent)
        {
            throw type.Wrong("a string");
        }

        return type.Text() == "text" ? default : format;
    }
}
