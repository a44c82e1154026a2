using System.Text;
using System.Text.Json;
using LambdaStreamer.EventStream;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>Names what ended a stream after the endpoint had accepted the request.</summary>
internal static class StreamErrors
{
    /// <summary>What a peer says of itself is repeated up to this many bytes.</summary>
    private const int MaxQuotedLength = 1024;

    public static RelayError ModelEndMissing { get; } = new(
        RelayErrorKind.ModelEndMissing, 502, "incomplete_generation", "The model's answer ended without its end marker: it may be cut.");

    public static RelayError LineTooLong { get; } = new(
        RelayErrorKind.ModelLineInvalid, 502, "incomplete_generation", "The model sent a line that is longer than the relay takes.");

    public static RelayError LineMalformed { get; } = new(
        RelayErrorKind.ModelLineInvalid, 502, "incomplete_generation", "The model sent a line that cannot be read.");

    public static RelayError Shutdown { get; } = new(
        RelayErrorKind.Shutdown, 503, "shutdown", "The function was told to stop.");

    public static RelayError Cancelled { get; } = new(
        RelayErrorKind.Cancelled, 409, "cancelled", "The answer was cancelled.");

    public static RelayError AnswerTooLarge { get; } = new(
        RelayErrorKind.AnswerTooLarge, 502, "incomplete_generation", "The answer is too large to be buffered; ask for a stream.");

    /// <summary>The answer's token was cancelled: by its client, or with the process.</summary>
    public static RelayError Of(RunningAnswer running) => running.WasCancelled ? Cancelled : Shutdown;

    public static RelayError Of(FrameError frameError) => frameError == FrameError.Truncated
        ? new(RelayErrorKind.EndpointCut, 502, "incomplete_generation", "The endpoint's answer ended inside a frame.")
        : new(RelayErrorKind.FrameInvalid, 502, "incomplete_generation", $"The endpoint's answer is damaged ({frameError}).");

    /// <summary>
    /// A frame that is no event. Exceptions of this operation carry JSON <c>{"Message","ErrorCode"?}</c> (ModelStreamError,
    /// InternalStreamFailure); an unmodelled error has its code and message in headers.
    /// </summary>
    public static RelayError Of(scoped in Frame frame)
    {
        if (frame.Kind == FrameKind.Exception)
        {
            var (message, code) = ReadException(frame.Payload);
            var type = Quote(frame.ExceptionType);
            return Exception(code is null ? type : $"{type} ({code})", message);
        }

        return frame.Kind == FrameKind.Error
            ? Exception(Quote(frame.ErrorCode), Quote(frame.ErrorMessage))
            : new(RelayErrorKind.FrameInvalid, 502, "incomplete_generation", "The endpoint sent a frame of an unknown kind.");
    }

    /// <summary>The model server's own error; the status is the one it has without streaming (TGI router, <c>InferError</c>).</summary>
    public static RelayError OfModel(scoped in Token token)
    {
        var type = Quote(token.ErrorType);
        var status = type switch
        {
            "validation" or "template_error" or "missing_template_variable" or "tool_error" => 422,
            "overloaded" => 429,
            "generation" => 424,
            _ => 500,
        };
        return new(RelayErrorKind.ModelError, status, type.Length == 0 ? "generation" : type, Quote(token.ErrorMessage))
        {
            Detail = $"error_type {type}",
        };
    }

    private static RelayError Exception(string type, string message) =>
        new(RelayErrorKind.EndpointException, 502, "incomplete_generation", message.Length == 0 ? type : $"{type}: {message}")
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
                    code = Quote(reader.GetString());
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            message = Quote(payload);
        }

        return (message, code);
    }

    private static string Quote(string? text) => text is null ? "" : text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength];

    private static string Quote(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxQuotedLength)]);
}
