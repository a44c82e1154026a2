using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.FunctionUrl;

namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>What a call of Invoke or InvokeWithResponseStream asks for.</summary>
internal sealed record InvokeRequest
{
    private const int MaxClientContextLength = 3583;

    public required string InvocationType { get; init; }

    public required bool WantsLog { get; init; }

    public string? Qualifier { get; init; }

    /// <summary>JSON in one line, so that it can stand in a header.</summary>
    public string? ClientContext { get; init; }

    public required byte[] Payload { get; init; }

    /// <summary>Either the request or the error that it gets.</summary>
    public static async Task<(InvokeRequest? Request, LambdaError? Error)> ReadAsync(
        HttpRequest request, LambdaTwinOptions options, bool isStreaming)
    {
        // Kestrel leaves %2F in a path alone and decodes the rest, colons among it.
        var name = request.Path.Value!.Split('/')[3];
        if (FunctionReference.TryParse(name) is not { } reference)
        {
            return (null, new LambdaError(400, "ValidationException", $"'{name}' is not a function name or ARN"));
        }

        if (!reference.Matches(options))
        {
            var arn = $"arn:aws:lambda:{reference.Region ?? options.Region}:{reference.Account ?? LambdaTwinOptions.AccountId}"
                      + $":function:{reference.Name}";
            return (null, new LambdaError(404, "ResourceNotFoundException", $"Function not found: {arn}"));
        }

        var qualifier = request.Query["Qualifier"].FirstOrDefault();
        if (reference.Qualifier is not null && qualifier is not null && reference.Qualifier != qualifier)
        {
            return (null, Invalid("The derived qualifier from the function name does not match the specified qualifier."));
        }

        var invocationType = request.Headers["X-Amz-Invocation-Type"].FirstOrDefault() ?? "RequestResponse";
        if (invocationType is not ("RequestResponse" or "DryRun") && (isStreaming || invocationType != "Event"))
        {
            return (null, Invalid($"'{invocationType}' is not an invocation type"));
        }

        var logType = request.Headers["X-Amz-Log-Type"].FirstOrDefault() ?? "None";
        if (logType is not ("None" or "Tail"))
        {
            return (null, Invalid($"'{logType}' is not a log type"));
        }

        var encodedContext = request.Headers["X-Amz-Client-Context"].FirstOrDefault();
        var clientContext = encodedContext is null ? null : DecodeClientContext(encodedContext);
        if (encodedContext is not null && clientContext is null)
        {
            return (null, new LambdaError(
                400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."));
        }

        var payload = await RequestPayload.ReadAsync(request).ConfigureAwait(false);
        if (payload is null)
        {
            return (null, LambdaError.RequestTooLarge);
        }

        if (payload.Length == 0)
        {
            payload = "{}"u8.ToArray();
        }

        if (JsonProblem(payload) is { } problem)
        {
            return (null, new LambdaError(
                400, "InvalidRequestContentException", $"Could not parse request body into json: {problem}"));
        }

        return (new InvokeRequest
        {
            InvocationType = invocationType,
            WantsLog = logType == "Tail",
            Qualifier = qualifier ?? reference.Qualifier,
            ClientContext = clientContext,
            Payload = payload,
        }, null);
    }

    private static LambdaError Invalid(string message) => new(400, "InvalidParameterValueException", message);

    private static string? JsonProblem(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static string? DecodeClientContext(string encoded)
    {
        var json = new byte[encoded.Length];
        if (encoded.Length > MaxClientContextLength || !Convert.TryFromBase64String(encoded, json, out var length))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json.AsMemory(0, length));
            return document.RootElement.ValueKind == JsonValueKind.Object ? OneLine(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string OneLine(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = false }))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
