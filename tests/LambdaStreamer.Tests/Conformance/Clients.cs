using static LambdaStreamer.Tests.Conformance.Expected;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>The rows of the matrix.</summary>
internal static class Clients
{
    private const string WasCancelled = "The answer was cancelled.";
    private const string HuggingFacePrefix = "Failed to perform inference: an occurred while streaming the response: ";
    private const string NoTools = "a text generation has no tools";

    public static readonly ClientRow[] All =
    [
        new("openai (npm)", static bench => NodeClient.RunAsync(bench, "openai.mjs")),
        new("OpenAI (NuGet)", DotNetClient.RunAsync)
        {
            Differs = new Dictionary<string, string>
            {
                [Column.Stream] = $$"""{"text":{{Whole}},"streamed":true,"finish":"Stop"}""",
                [Column.Buffered] = $$"""{"text":{{Whole}},"finish":"Stop"}""",
                [Column.Stop] = """{"text":"\nBuilding a website involves several ","finish":"Stop"}""",
                [Column.Tools] = """{"name":"get_weather","arguments":{"city":"Paris"},"finish":"ToolCalls"}""",
                [Column.ErrorBefore] = ErrorBefore("ClientResultException"),
                [Column.ErrorMidStream] = """{"text":"\nBuilding a website involves","error":"HttpIOException"}""",
                [Column.UnknownModel] = UnknownModel("ClientResultException"),
                [Column.Cancel] = $$"""{"aborted":"OperationCanceledException","cancel":202,"ended":"HttpIOException","next":{{Whole}}}""",
            },
        },
        new("ai + @ai-sdk/openai-compatible (npm)", static bench => NodeClient.RunAsync(bench, "ai-sdk-openai-compatible.mjs"))
        {
            Differs = AiSdk,
            Never = new Dictionary<string, string> { [Column.Logprobs] = "this client hands out no log probabilities" },
        },
        new("ai + @ai-sdk/openai (npm)", static bench => NodeClient.RunAsync(bench, "ai-sdk-openai.mjs")) { Differs = AiSdk },
        new("@langchain/openai (npm)", static bench => NodeClient.RunAsync(bench, "langchain.mjs"))
        {
            Differs = new Dictionary<string, string>
            {
                [Column.Cancel] = Cancelled("AbortError: This operation was aborted", $"APIError: {WasCancelled}"),
            },
        },
        new("@huggingface/inference chatCompletion (npm)", static bench => NodeClient.RunAsync(bench, "huggingface-chat.mjs"))
        {
            Differs = HuggingFace,
        },
        new("@huggingface/inference textGeneration (npm)", static bench => NodeClient.RunAsync(bench, "huggingface-completions.mjs"))
        {
            Differs = new Dictionary<string, string>(HuggingFace)
            {
                [Column.Buffered] = $$"""{"text":{{Whole}}}""",
                [Column.Usage] = """{"input":7,"output":3}""",
            },
            Never = new Dictionary<string, string> { [Column.Tools] = NoTools },
        },
        new("@huggingface/inference 2 at TGI's routes (npm)", static bench => NodeClient.RunAsync(bench, "huggingface-tgi.mjs"))
        {
            Differs = new Dictionary<string, string>
            {
                [Column.Stream] = $$"""{"text":{{Whole}},"streamed":true,"finish":"eos_token"}""",
                [Column.Buffered] = $$"""{"text":{{Whole}},"finish":"eos_token"}""",
                [Column.Stop] = """{"text":"\nBuilding a website involves several ","finish":"stop_sequence"}""",
                [Column.Logprobs] = """{"tokens":["\n","Building"," a"],"negative":true}""",
                [Column.Usage] = """{"output":3}""",
                [Column.ErrorBefore] = """{"error":"Error","status":422,"message":"The container failed on demand."}""",
                [Column.ErrorMidStream] = ErrorMidStream("Error"),
                [Column.Throttled] = """{"status":429,"retryAfter":"1","message":"The endpoint is throttled; try again."}""",
                [Column.Cancel] = Cancelled("AbortError: This operation was aborted", $"Error: {WasCancelled}"),
            },
            Never = new Dictionary<string, string>
            {
                [Column.Tools] = NoTools,
                [Column.UnknownModel] = "TGI's request names no model",
            },
        },
        new("curl", CurlClient.RunAsync)
        {
            Differs = new Dictionary<string, string>
            {
                [Column.Stream] = $$"""{"text":{{Whole}},"streamed":true,"finish":"stop","done":true}""",
                [Column.ErrorBefore] = """{"status":400,"message":"The container failed on demand.","code":null,"param":null}""",
                [Column.ErrorMidStream] =
                    $$"""{"text":"\nBuilding a website involves","done":false,"exit":18,"message":"{{BrokenOff}}"}""",
                [Column.UnknownModel] =
                    $$"""{"status":404,"message":"{{NotFound}}","code":"model_not_found","param":"model"}""",
                [Column.Cancel] = $$"""{"cancel":202,"exit":18,"ended":"{{WasCancelled}}","next":{{Whole}}}""",
            },
        },
    ];

    // Static members above run first to last: these two are properties for that reason.
    private static Dictionary<string, string> AiSdk => new()
    {
        [Column.Tools] = """{"name":"get_weather","arguments":{"city":"Paris"},"finish":"tool-calls"}""",
        [Column.ErrorBefore] = ErrorBefore("AI_APICallError"),
        [Column.ErrorMidStream] = ErrorMidStream("object"),
        [Column.UnknownModel] = UnknownModel("AI_APICallError"),
        [Column.Cancel] = Cancelled("AbortPart: The stream has an abort part.", $"object: {WasCancelled}"),
    };

    private static Dictionary<string, string> HuggingFace => new()
    {
        [Column.ErrorBefore] = ErrorBefore("ProviderApiError"),
        [Column.ErrorMidStream] = ErrorMidStream("ProviderApiError", HuggingFacePrefix),
        [Column.UnknownModel] = UnknownModel("ProviderApiError"),
        [Column.Throttled] = ThrottledWithoutRetry,
        [Column.Cancel] = Cancelled("AbortError: This operation was aborted", $"ProviderApiError: {HuggingFacePrefix}{WasCancelled}"),
    };
}
