using LambdaStreamer.LocalHost.RuntimeApi;

namespace LambdaStreamer.LocalHost.LambdaApi;

/// <summary>An error answer in the shape of the Lambda API.</summary>
internal sealed record LambdaError(int Status, string Type, string Message, string? Reason = null)
{
    public static LambdaError Throttled { get; } =
        new(429, "TooManyRequestsException", "Rate Exceeded.", "ConcurrentInvocationLimitExceeded");

    public static LambdaError RequestTooLarge { get; } = new(
        413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation");

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = Type;
        var body = AwsJson.Object(writer =>
        {
            if (Reason is not null)
            {
                writer.WriteString("Reason"u8, Reason);
            }

            writer.WriteString("Type"u8, "User"u8);
            writer.WriteString("message"u8, Message);
        });
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body).ConfigureAwait(false);
    }
}
