using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LambdaStreamer.LocalHost.RuntimeApi;

/// <summary>The two forms in which a runtime reports an error: POST /error with JSON, and trailers with the same JSON in base64.</summary>
internal static partial class ErrorReport
{
    public const string TypeField = "Lambda-Runtime-Function-Error-Type";
    public const string BodyField = "Lambda-Runtime-Function-Error-Body";

    /// <summary>The bound of managed instances; on-demand Lambda states none.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads POST /error and /init/error. A type that breaks the rule becomes Function.Unknown or Runtime.Unknown.</summary>
    public static InvocationOutcome FromPost(RequestHead head, byte[] body, Action<ViolationKind, string> violate)
    {
        if (!IsErrorJson(body))
        {
            violate(ViolationKind.InvalidErrorBody, "the body of POST /error is not {errorMessage, errorType, stackTrace?}");
        }

        var type = head[TypeField] ?? "";
        if (ErrorType().IsMatch(type))
        {
            return InvocationOutcome.Reported(type, body);
        }

        if (type.Length > 0)
        {
            violate(ViolationKind.InvalidErrorType, type);
        }

        return InvocationOutcome.Reported(
            type.StartsWith("Function.", StringComparison.Ordinal) ? "Function.Unknown" : "Runtime.Unknown", body);
    }

    /// <summary>
    /// Reads the trailers of a streamed response; a success without them. On-demand Lambda passes both on unchanged, so a type that
    /// breaks the rule is recorded and kept, and a body that is not base64 is kept as it is.
    /// </summary>
    public static InvocationOutcome FromTrailers(IReadOnlyList<HeaderField> trailers, Action<ViolationKind, string> violate)
    {
        var type = Find(trailers, TypeField);
        var encoded = Find(trailers, BodyField);
        if (type is null && encoded is null)
        {
            return InvocationOutcome.Success;
        }

        if (!ErrorType().IsMatch(type ?? ""))
        {
            violate(ViolationKind.InvalidErrorType, type ?? "an error body without an error type");
        }

        var body = new byte[encoded?.Length ?? 0];
        var isBase64 = Convert.TryFromBase64String(encoded ?? "", body, out var length);
        body = isBase64 ? body[..length] : Encoding.UTF8.GetBytes(encoded ?? "");
        if (!isBase64 || !IsErrorJson(body))
        {
            violate(ViolationKind.InvalidErrorBody, "the error body trailer is not base64 of {errorMessage, errorType, stackTrace?}");
        }

        return InvocationOutcome.Reported(type ?? "Runtime.Unknown", body);
    }

    private static string? Find(IReadOnlyList<HeaderField> fields, string name) =>
        fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static bool IsErrorJson(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                   && root.TryGetProperty("errorMessage"u8, out var message) && message.ValueKind == JsonValueKind.String
                   && root.TryGetProperty("errorType"u8, out var type) && type.ValueKind == JsonValueKind.String
                   && (!root.TryGetProperty("stackTrace"u8, out var stack) || stack.ValueKind == JsonValueKind.Array);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^(Runtime|Function)\.[A-Z][a-zA-Z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorType();
}
