using System.Buffers;
using System.Text;
using System.Text.Json;
using LambdaStreamer.EventStream;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>Names what ended a stream after the endpoint had accepted the request.</summary>
internal static class StreamErrors
{
    /// <summary>More of what a peer says is not looked at; what of it a client is told is for <see cref="PublicText"/> to cut.</summary>
    private const int MaxQuotedLength = 64 * 1024;

    private const int MaxWordLength = 64;

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>SageMaker's words for its 8 minutes a stream (ErrorCode of ModelStreamError).</summary>
    private const string TimeExceededCode = "ModelInvocationTimeExceeded";

    public static RelayError ModelEndMissing { get; } = new(
        Ending.ModelEndMissing, "The model's answer ended without its end marker: it may be cut.");

    public static RelayError ModelDialectUnknown { get; } = new(
        Ending.ModelDialectUnknown, "The model's answer is in a form that this function does not know.");

    public static RelayError LineTooLong { get; } = new(
        Ending.ModelLineInvalid, "The model sent a line that is longer than the relay takes.");

    public static RelayError LineMalformed { get; } = new(Ending.ModelLineInvalid, "The model sent a line that cannot be read.");

    public static RelayError Cancelled { get; } = new(Ending.Cancelled, "The answer was cancelled.");

    public static RelayError ReplyLost { get; } = new(Ending.ReplyLost, "Lambda does not take the answer any more.");

    public static RelayError Shutdown { get; } = new(Ending.Shutdown, "The function was told to stop.");

    public static RelayError AnswerTooLarge { get; } = new(
        Ending.AnswerTooLarge, "The answer is too large to be held; ask for a stream of plain text or NDJSON.");

    public static RelayError ResponseLimitReached { get; } = new(
        Ending.ResponseLimitReached, "The answer has reached the size that Lambda streams at most.");

    /// <summary>The answer's token was cancelled: by its client, or with the process.</summary>
    public static RelayError Of(RunningAnswer running) => running.WasCancelled ? Cancelled : Shutdown;

    public static RelayError Of(FrameError frameError) => frameError == FrameError.Truncated
        ? new(Ending.FrameTruncated, "The endpoint's answer ended inside a frame.")
        : new(Ending.FrameInvalid, $"The endpoint's answer is damaged ({frameError}).");

    /// <summary>
    /// A frame that is no event. Exceptions of this operation carry JSON <c>{"Message","ErrorCode"?}</c> (ModelStreamError,
    /// InternalStreamFailure); an unmodelled error has its code and message in headers.
    /// </summary>
    public static RelayError Of(scoped in Frame frame)
    {
        if (frame.Kind == FrameKind.Error)
        {
            return Exception(Ending.UnmodelledError, Word(Quote(frame.ErrorCode)), Quote(frame.ErrorMessage));
        }

        if (frame.Kind != FrameKind.Exception)
        {
            return new(Ending.FrameInvalid, "The endpoint sent a frame of an unknown kind.");
        }

        var (message, code) = ReadException(frame.Payload);
        var type = Word(Quote(frame.ExceptionType));
        var ending = type switch
        {
            "ModelStreamError" => Ending.ModelStreamError,
            "InternalStreamFailure" => Ending.InternalStreamFailure,
            _ => Ending.UnmodelledError,
        };
        var error = Exception(ending, code is null ? type : $"{type} ({code})", message);
        return code == TimeExceededCode ? error with { Status = 504, Type = "timeout" } : error;
    }

    /// <summary>The model server's own error; the status is the one it has without streaming (TGI router, <c>InferError</c>).</summary>
    public static RelayError OfModel(scoped in Token token)
    {
        var type = IsWord(Quote(token.ErrorType)) ? Quote(token.ErrorType) : "";
        var status = token.ErrorStatus is >= 400 and < 600 and var told ? told : type switch
        {
            "validation" or "template_error" or "missing_template_variable" or "tool_error" => 422,
            "overloaded" => 429,
            "generation" => 424,
            _ => 500,
        };
        var message = PublicText.Of(Quote(token.ErrorMessage));
        return new(Ending.ModelError, message.Length == 0 ? "The model failed." : message)
        {
            Status = status,
            Type = type.Length > 0 ? type : status == 429 ? "overloaded" : "generation",
            RetryAfter = status is 429 or 503 ? Endings.Of(Ending.EndpointThrottled).RetryAfter : null,
            Detail = $"status={status} error_type={(type.Length == 0 ? "none" : type)}",
        };
    }

    private static RelayError Exception(Ending ending, string type, string message) =>
        new(ending, message.Length == 0 ? $"{type}." : $"{type}: {PublicText.Of(message)}")
        {
            Detail = type,
        };

    private static (string Message, string? Code) ReadException(ReadOnlySpan<byte> payload)
    {
        var message = "";
        string? code = null;
        try
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                if (reader.ValueTextEquals("Message"u8) || reader.ValueTextEquals("message"u8))
                {
                    reader.Read();
                    message = Quote(reader.GetString());
                }
                else if (reader.ValueTextEquals("ErrorCode"u8))
                {
                    reader.Read();
                    code = Word(Quote(reader.GetString()));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            message = Quote(payload);
        }

        return (message, code);
    }

    /// <summary>Codes and types go to the client and into the log as they are, so they must be such.</summary>
    private static bool IsWord(string text) => text.Length is > 0 and <= MaxWordLength && !text.AsSpan().ContainsAnyExcept(WordCharacters);

    private static string Word(string text) => IsWord(text) ? text : "unknown";

    private static string Quote(string? text) => text is null ? "" : text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength];

    private static string Quote(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxQuotedLength)]);
}
