using System.Text.Json;

namespace LambdaStreamer.SageMaker;

/// <summary>
/// Reads an HTTP reply that is not a stream. The name of an error comes in the header <c>x-amzn-errortype</c> or in the body's
/// <c>__type</c> or <c>code</c> (AWS restJson1), the rest in JSON members whose capitals differ from service to service.
/// </summary>
internal static class ErrorReply
{
    private const string NoCapacityText = "has no capacity";
    private const string NoCapacitySentence = "Inference Component has no capacity";
    private const string NotFoundText = "not found";
    private const int MaxCodeLength = 128;

    // Where AWS, refusing a signature, repeats what should have been signed, the session token's header included.
    private static readonly string[] SignedTexts = ["The Canonical String", "The String-to-Sign"];

    /// <summary>Names the failure.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="errorType">The header <c>x-amzn-errortype</c>.</param>
    /// <param name="body">The body or the beginning of it, JSON or not.</param>
    public static SageMakerFailure Parse(int status, string? errorType, ReadOnlySpan<byte> body)
    {
        var members = ReadMembers(body);
        var code = BareCode(errorType) ?? BareCode(members?.Type) ?? BareCode(members?.Code);
        var message = WithoutSignedTexts(members?.Message ?? "");
        var container = ContainerReply.Of(message, members?.OriginalStatusCode, members?.OriginalMessage);
        return new SageMakerFailure
        {
            Kind = SaysNoCapacity(status, message, container) ? SageMakerFailureKind.NoCapacity : KindOf(status, code, message, members),
            Stage = SageMakerStage.Response,
            Message = members is null ? $"HTTP {status} with {DescribeForeign(body)}" : Excerpt.Of(message),
            HttpStatus = status,
            ErrorCode = code,
            OriginalStatusCode = container.Status,
            OriginalMessage = container.Message,
        };
    }

    /// <summary>
    /// A validation error for an inference component that is scaled to zero; the router before it is known to say the same as its own 503
    /// or as a model error. There it has to be SageMaker's own sentence: what a container says may quote a prompt.
    /// </summary>
    private static bool SaysNoCapacity(int status, string message, ContainerReply container) => status switch
    {
        400 or 503 => message.Contains(NoCapacityText, StringComparison.OrdinalIgnoreCase),
        424 => (container.Status is null or 429 or 503)
            && message.StartsWith(NoCapacitySentence, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static SageMakerFailureKind KindOf(int status, string? code, string message, Members? members)
    {
        // The code first: SageMaker and the gateways before it disagree on statuses more than on names.
        switch (code)
        {
            case "ModelError":
                return SageMakerFailureKind.ModelError;
            case "ModelNotReadyException":
                return SageMakerFailureKind.ModelNotReady;
            case "ThrottlingException" or "Throttling" or "ThrottledException" or "RequestThrottled" or "RequestThrottledException"
                or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown" or "LimitExceededException"
                or "PriorRequestNotComplete" or "BandwidthLimitExceeded":
                return SageMakerFailureKind.Throttled;
            case "ExpiredTokenException" or "ExpiredToken":
                return SageMakerFailureKind.ExpiredCredentials;
            case "AccessDeniedException" or "AccessDenied" or "UnrecognizedClientException" or "InvalidClientTokenId"
                or "MissingAuthenticationTokenException" or "MissingAuthenticationToken" or "IncompleteSignature"
                or "OptInRequired" or "NotAuthorized":
            case var _ when ClockSkew.IsAccused(code):
                return SageMakerFailureKind.AccessDenied;
            case "ServiceUnavailable" or "ServiceUnavailableException":
                return SageMakerFailureKind.ServiceUnavailable;
            case "InternalFailure" or "InternalServerException" or "InternalServerError" or "InternalDependencyException":
                return SageMakerFailureKind.InternalFailure;
            case "ResourceNotFound" or "ResourceNotFoundException":
                return SageMakerFailureKind.NotFound;
        }

        return status switch
        {
            // Throttling as SageMaker writes it when a gateway refuses: no name at all, {"message":null}.
            400 when code is null && members is { MessageIsNull: true } => SageMakerFailureKind.Throttled,
            400 when SaysNotFound(message) => SageMakerFailureKind.NotFound,
            400 when members is not null => SageMakerFailureKind.Validation,
            401 or 403 => SageMakerFailureKind.AccessDenied,
            404 when members is not null => SageMakerFailureKind.NotFound,
            413 => SageMakerFailureKind.TooLarge,
            424 => SageMakerFailureKind.ModelError,
            429 => SageMakerFailureKind.Throttled,
            500 or 530 => SageMakerFailureKind.InternalFailure,
            502 or 503 or 504 => SageMakerFailureKind.ServiceUnavailable,
            _ => members is null ? SageMakerFailureKind.UnexpectedReply : SageMakerFailureKind.Unknown,
        };
    }

    /// <summary>"Endpoint … of account … not found." is the operator's mistake; a session or a variant is named by the caller.</summary>
    private static bool SaysNotFound(string message) =>
        message.Contains(NotFoundText, StringComparison.OrdinalIgnoreCase)
        && (message.StartsWith("Endpoint", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("Inference Component", StringComparison.OrdinalIgnoreCase)
            || message.StartsWith("InferenceComponent", StringComparison.OrdinalIgnoreCase));

    // "com.amazon.coral#ValidationError:http://internal.amazon.com/…" is ValidationError.
    private static string? BareCode(string? name)
    {
        var code = name.AsSpan();
        code = code.IndexOf(':') is var colon and >= 0 ? code[..colon] : code;
        code = code[(code.LastIndexOf('#') + 1)..].Trim();
        return code.IsEmpty || code.Length > MaxCodeLength || code.ContainsAnyExceptInRange('!', '~') ? null : code.ToString();
    }

    private static string WithoutSignedTexts(string message)
    {
        foreach (var text in SignedTexts)
        {
            if (message.IndexOf(text, StringComparison.OrdinalIgnoreCase) is var begin and >= 0)
            {
                message = message[..begin].TrimEnd();
            }
        }

        return message;
    }

    private static string DescribeForeign(ReadOnlySpan<byte> body) =>
        body.IsEmpty ? "an empty body" : $"a body that is not SageMaker's: {Excerpt.Of(body)}";

    /// <summary>Null when the body is no JSON object. One that was cut at the cap still gives the members before the cut.</summary>
    private static Members? ReadMembers(ReadOnlySpan<byte> body)
    {
        var members = new Members();
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("__type"u8))
                {
                    members.Type = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("code"u8) || reader.ValueTextEquals("Code"u8))
                {
                    members.Code = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("Message"u8))
                {
                    members.Message = ReadString(ref reader);
                    members.MessageIsNull = reader.TokenType == JsonTokenType.Null;
                }
                else if (reader.ValueTextEquals("OriginalMessage"u8))
                {
                    members.OriginalMessage = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("OriginalStatusCode"u8))
                {
                    reader.Read();
                    if ((reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var original))
                        || (reader.TokenType == JsonTokenType.String && int.TryParse(reader.GetString(), out original)))
                    {
                        members.OriginalStatusCode = original;
                    }

                    reader.Skip();
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-8 or UTF-16.
            return members.IsEmpty ? null : members;
        }

        return members;
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private sealed class Members
    {
        public string? Type { get; set; }
        public string? Code { get; set; }
        public string? Message { get; set; }
        public bool MessageIsNull { get; set; }
        public int? OriginalStatusCode { get; set; }
        public string? OriginalMessage { get; set; }

        public bool IsEmpty => Type is null && Code is null && Message is null && OriginalStatusCode is null;
    }
}
