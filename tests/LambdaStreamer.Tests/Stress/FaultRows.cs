using System.Buffers;
using System.Text;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.EndToEnd;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Every ending with the bytes that make a real endpoint's answer end so (docs/endings.md says the same to readers).</summary>
internal static class FaultRows
{
    private const string RefusalIsAStatus = "is told by a status, which has been sent when a stream has begun";
    private const int RunOn = 20;

    /// <summary>Tokens past the caller's limit that the relay passes on, the one that ends the answer among them.</summary>
    private const int GraceAndOne = 9;

    /// <summary>More than half of what is held of an answer.</summary>
    private static readonly string LongText = new('y', 3_500_000);

    public static FaultRow[] All { get; } =
    [
        new(Ending.Completed)
        {
            FinishReason = "eos_token",
            Fault = static async (exchange, _) =>
            {
                await exchange.SendAsync(Last("""{"id":2,"text":"</s>","logprob":0,"special":true}""", "eos_token"));
                await exchange.EndAsync();
            },
        },
        new(Ending.Stopped)
        {
            Variant = "by the container",
            FinishReason = "stop_sequence",
            Parameters = static _ => """{"details":true,"stop":["HALT"]}""",
            Fault = static async (exchange, _) =>
            {
                await exchange.SendAsync(Last("""{"id":3,"text":"HALT","logprob":0,"special":false}""", "stop_sequence"));
                await exchange.EndAsync();
            },
        },
        new(Ending.Stopped)
        {
            Variant = "by the relay",
            FinishReason = "stop_sequence",
            ClosesEndpointsConnection = true,
            Parameters = static _ => """{"details":true,"stop":["HALT"]}""",
            Fault = static async (exchange, _) =>
            {
                await exchange.SendAsync(Parts.OfToken(3, "HALT"));
                await exchange.SendAsync(Tokens(200, RunOn));
            },
        },
        new(Ending.LengthReached)
        {
            FinishReason = "length",
            LastTexts = static _ => [" last"],
            Fault = static async (exchange, _) =>
            {
                await exchange.SendAsync(Last("""{"id":4,"text":" last","logprob":-0.5,"special":false}""", "length"));
                await exchange.EndAsync();
            },
        },
        new(Ending.CallerCapReached)
        {
            FinishReason = "length",
            ClosesEndpointsConnection = true,
            NeverBeforeFirst = "a limit is one token at least",
            Parameters = static tokens => $$"""{"details":true,"max_new_tokens":{{tokens}}}""",
            LastTexts = static tokens => [.. Enumerable.Range(tokens + 1, GraceAndOne).Select(TextOf)],
            Fault = static (exchange, tokens) => exchange.SendAsync(Tokens(tokens + 1, RunOn)),
        },
        new(Ending.BadRequest)
        {
            Message = "x-amzn-sagemaker-target-variant is empty, too long, or holds characters that SageMaker refuses.",
            TargetVariantHeader = "no name!",
            NeverAfter = "is judged before the endpoint is asked",
        },
        new(Ending.Cancelled)
        {
            Setting = FaultSetting.Cancel,
            Message = "The answer was cancelled.",
            ClosesEndpointsConnection = true,
        },
        Refused(Ending.EndpointThrottled, 400, "", """{"message":null}""", "The endpoint is throttled; try again."),
        Refused(
            Ending.EndpointNoCapacity,
            400,
            "ValidationError",
            """{"Message":"Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress."}""",
            "The endpoint has no capacity at present; it may be starting, which takes minutes."),
        Refused(Ending.EndpointNotReady, 503, "ServiceUnavailable", "{}", "The endpoint is unavailable; try again."),
        Refused(Ending.EndpointRejected, 400, "ValidationError", """{"Message":"Variant is wrong."}""", "Variant is wrong."),
        Refused(
            Ending.EndpointDenied,
            403,
            "AccessDeniedException",
            """{"Message":"not authorized"}""",
            "This function may not call its endpoint."),
        new(Ending.EndpointUnreachable)
        {
            Setting = FaultSetting.NoEndpoint,
            Message = "The endpoint cannot be reached.",
            NeverAfter = "a stream that has begun has a connection",
        },
        Refused(Ending.EndpointFailed, 500, "InternalFailure", "{}", "The endpoint failed.") with
        {
            NeverAfter = null,
            Fault = static (exchange, _) => exchange.SendRawAsync("no chunk\r\n"u8.ToArray()),
        },
        Refused(
            Ending.ContainerRefused,
            424,
            "ModelError",
            """{"Message":"Received server error (500) from primary","OriginalStatusCode":500,"OriginalMessage":"CUDA error"}""",
            "CUDA error"),
        new(Ending.FirstTokenTimedOut)
        {
            Setting = FaultSetting.FirstTokenClock,
            Message = "The model did not begin to answer in time.",
            ClosesEndpointsConnection = true,
            NeverAfter = "the first token ends this clock",
        },
        new(Ending.IdleTimedOut)
        {
            Setting = FaultSetting.IdleClock,
            Message = "The endpoint fell silent in the middle of its answer.",
            ClosesEndpointsConnection = true,
            NeverBeforeFirst = "the first token begins this clock",
        },
        new(Ending.TotalTimedOut)
        {
            Setting = FaultSetting.TotalClock,
            Message = "The answer took longer than this function allows.",
            ClosesEndpointsConnection = true,
        },
        new(Ending.DeadlineNear)
        {
            Setting = FaultSetting.Deadline,
            Message = "The function's time ran out before the answer ended.",
            ClosesEndpointsConnection = true,
        },
        Broken(
            Ending.ModelStreamError,
            "ModelStreamError (StreamBroken): The stream broke.",
            Exception("ModelStreamError", """{"Message":"The stream broke.","ErrorCode":"StreamBroken"}""")),
        Broken(
            Ending.InternalStreamFailure,
            "InternalStreamFailure: The stream processing failed.",
            Exception("InternalStreamFailure", """{"Message":"The stream processing failed."}""")),
        Broken(Ending.UnmodelledError, "InternalError: Something else.", Error("InternalError", "Something else.")),
        new(Ending.ConnectionCut)
        {
            Message = "The connection to the endpoint broke.",
            Fault = static (exchange, _) =>
            {
                exchange.Reset();
                return Task.CompletedTask;
            },
        },
        Broken(Ending.FrameTruncated, "The endpoint's answer ended inside a frame.", Parts.OfToken(5, " lost")[..^7]),
        Broken(Ending.FrameInvalid, "The endpoint's answer is damaged (MessageCrcMismatch).", [.. Parts.OfToken(5, " lost")[..^1], 0xFF]),
        Broken(Ending.ModelError, "EngineCore failed.", Line("""{"error":"EngineCore failed."}""")),
        Broken(Ending.ModelLineInvalid, "The model sent a line that cannot be read.", Line("""data:{"token":{"id":5,"text":" lo""")),
        Broken(
            Ending.ModelDialectUnknown,
            "The model's answer is in a form that this function does not know.",
            Line("""{"predictions":[1]}""")) with
        {
            NeverAfter = "a token is of a dialect that is known",
        },
        Broken(Ending.ModelEndMissing, "The model's answer ended without its end marker: it may be cut.", Parts.Of("\n"u8.ToArray())),
        new(Ending.ResponseLimitReached)
        {
            Setting = FaultSetting.SmallResponse,
            Message = "The answer has reached the size that Lambda streams at most.",
            ClosesEndpointsConnection = true,
            Fault = static (exchange, _) => exchange.SendAsync(Parts.OfToken(5, new string('x', 1_000_000))),
        },
        new(Ending.AnswerTooLarge)
        {
            Message = "The answer is too large to be held; ask for a stream of plain text or NDJSON.",
            ClosesEndpointsConnection = true,
            LastTexts = static _ => [LongText, LongText],
            Fault = static async (exchange, tokens) =>
            {
                await exchange.SendAsync(Parts.OfToken(tokens + 1, LongText));
                await exchange.SendAsync(Parts.OfToken(tokens + 2, LongText));
            },
            NeverBeforeFirst = "the longest prompt and the longest line together are not too large",
            NeverIn = static format => format is MediaType.Text or MediaType.Ndjson ? "this format holds nothing" : null,
        },
        new(Ending.Shutdown)
        {
            Setting = FaultSetting.Shutdown,
            Message = "The function was told to stop.",
            ClosesEndpointsConnection = true,
        },
    ];

    public static string TextOf(int id) => $" t{id}";

    /// <summary>The events of <paramref name="count"/> tokens from <paramref name="first"/> on, a frame each.</summary>
    public static byte[] Tokens(int first, int count) =>
        [.. Enumerable.Range(first, count).SelectMany(static id => Parts.OfToken(id, TextOf(id)))];

    private static FaultRow Refused(Ending ending, int status, string errorType, string body, string message) => new(ending)
    {
        Refusal = exchange => exchange.SendErrorAsync(status, errorType, body),
        Message = message,
        NeverAfter = RefusalIsAStatus,
    };

    private static FaultRow Broken(Ending ending, string message, byte[] lastBytes) => new(ending)
    {
        Message = message,
        Fault = async (exchange, _) =>
        {
            await exchange.SendAsync(lastBytes);
            await exchange.EndAsync();
        },
    };

    /// <summary>TGI's last event, with <c>parameters.details</c>.</summary>
    private static byte[] Last(string token, string finishReason) => Line(
        $$$"""data:{"token":{{{token}}},"generated_text":"x","details":{"finish_reason":"{{{finishReason}}}","generated_tokens":7}}""");

    private static byte[] Line(string line) => Parts.Of(Encoding.UTF8.GetBytes(line + "\n\n"));

    private static byte[] Exception(string type, string json)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameEncoder.WriteException(output, Encoding.UTF8.GetBytes(type), "application/json"u8, Encoding.UTF8.GetBytes(json));
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Error(string code, string message)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameEncoder.WriteError(output, Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(message));
        return output.WrittenSpan.ToArray();
    }
}
