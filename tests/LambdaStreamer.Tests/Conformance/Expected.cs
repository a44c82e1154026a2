using System.Text.Json;
using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.Tests.Conformance;

/// <summary>What most clients show.</summary>
internal static class Expected
{
    public const string Question = "How do I build a website?";

    /// <summary>SageMaker's exception frame in the words of its API reference, as the twin sends it.</summary>
    public const string BrokenOff =
        "ModelStreamError (ModelInvocationTimeExceeded): Your model primary did not complete sending the inference response "
        + "in the allotted time.";

    public const string NotFound = "The model does not exist; GET /v1/models lists the models of this function.";

    /// <summary>A client that cannot be told to ask again gets the status, and when to.</summary>
    public const string ThrottledWithoutRetry = """{"status":429,"retryAfter":"1"}""";

    /// <summary>The model's whole answer as a JSON string.</summary>
    public static string Whole { get; } = JsonSerializer.Serialize(Answer());

    public static string Of(string column) => column switch
    {
        Column.Stream => $$"""{"text":{{Whole}},"streamed":true,"finish":"stop"}""",
        Column.Buffered => $$"""{"text":{{Whole}},"finish":"stop"}""",
        Column.Stop => """{"text":"\nBuilding a website involves several ","finish":"stop"}""",
        Column.Logprobs => """{"tokens":["\n","Building"," a"],"top":[2,2,2],"negative":true}""",
        Column.Usage => """{"input":33,"output":3}""",
        Column.Tools => """{"name":"get_weather","arguments":{"city":"Paris"},"finish":"tool_calls"}""",
        Column.ErrorBefore => ErrorBefore("BadRequestError", "400 "),
        Column.ErrorMidStream => ErrorMidStream("APIError"),
        Column.UnknownModel => UnknownModel("NotFoundError", "404 "),
        Column.Throttled => $$"""{"text":{{Whole}},"requests":2}""",
        Column.Cancel => Cancelled("ended", "APIError: The answer was cancelled."),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No client shows this."),
    };

    public static string ErrorBefore(string error, string prefix = "") =>
        $$"""{"error":"{{error}}","status":400,"message":"{{prefix}}The container failed on demand.","code":null,"param":null}""";

    public static string ErrorMidStream(string error, string prefix = "") =>
        $$"""{"text":"\nBuilding a website involves","error":"{{error}}","message":"{{prefix}}{{BrokenOff}}"}""";

    public static string UnknownModel(string error, string prefix = "") =>
        $$"""{"error":"{{error}}","status":404,"message":"{{prefix}}{{NotFound}}","code":"model_not_found","param":"model"}""";

    /// <param name="aborted">How the client's side ends when the client itself aborts.</param>
    /// <param name="ended">How it ends when the function was asked to.</param>
    public static string Cancelled(string aborted, string ended) =>
        $$"""{"aborted":"{{aborted}}","cancel":202,"ended":"{{ended}}","next":{{Whole}}}""";

    private static string Answer()
    {
        Assert.True(ModelCatalogue.TryFind(HostOptions.DefaultModelId, out var model));
        return ModelAnswer.VisibleText(model, Question, maxNewTokens: 250);
    }
}
