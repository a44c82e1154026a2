using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.SageMaker;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.FunctionUrl;

/// <summary>The answer to an HTTP request through a Function URL: a prelude with status and headers, then the body.</summary>
public class HttpReply(StreamedResponse response, RequestRecord record) : Reply(response, record)
{
    /// <summary>
    /// How often the endpoint was asked again, and why: <c>2; cause=Throttled</c>. <c>may-have-run</c>: the model may have worked on a
    /// request twice; <c>fallback</c>: the other endpoint answered. Absent when it was asked once.
    /// </summary>
    private const string RetriesHeader = "x-lambdastreamer-retries";

    private const string ErrorContentType = "application/json";

    /// <summary>Sent with 405.</summary>
    public string? AllowedMethods { get; set; }

    /// <summary>For a browser of another origin.</summary>
    public IReadOnlyList<(string Name, string Value)> CorsHeaders { get; set; } = [];

    /// <summary>How a refusal's body is written; TGI's <c>{"error","error_type"}</c> unless the surface says otherwise.</summary>
    public ErrorShape ErrorShape { get; set; } = WriteTgiError;

    /// <summary>
    /// How the surface names a failure where its status, type or code is another than the relay's; unchanged unless it says so.
    /// </summary>
    public Func<RelayError, RelayError> ErrorTerms { get; set; } = static error => error;

    public override ValueTask StartAsync(int status, string contentType) => StartAsync(status, contentType, retryAfter: null);

    public override async ValueTask CompleteAsync(string contentType)
    {
        if (!IsStarted)
        {
            await StartAsync(200, contentType).ConfigureAwait(false);
        }

        await Response.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    protected override async ValueTask SendRefusalAsync(RelayError error)
    {
        Response.DiscardOutput();
        error = ErrorTerms(error);
        await StartAsync(error.Status, ErrorContentType, error.RetryAfter).ConfigureAwait(false);
        ErrorShape(error, Output);
        await CompleteAsync(ErrorContentType).ConfigureAwait(false);
    }

    protected virtual async ValueTask SendHeadAsync(int status, List<(string Name, string Value)> headers)
    {
        using var prelude = new ByteBuffer();
        Prelude.Write(prelude, status, CollectionsMarshal.AsSpan(headers));

        // No status used here forbids a body.
        await Response.StartAsync(Prelude.ContentType, prelude.UnreadMemory, needsBody: true, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask StartAsync(int status, string contentType, TimeSpan? retryAfter)
    {
        Record.Status = status;
        List<(string, string)> headers =
        [
            ("content-type", contentType),
            ("cache-control", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", Record.RequestId),
            .. CorsHeaders,
        ];
        if (AllowedMethods is not null)
        {
            headers.Add(("allow", AllowedMethods));
        }

        if (status == 401)
        {
            headers.Add(("www-authenticate", "Bearer"));
        }

        if (retryAfter is { } wait)
        {
            headers.Add(("retry-after", Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        }

        if (Repeats.Count > 0)
        {
            headers.Add((RetriesHeader, Describe(Repeats)));
        }

        await SendHeadAsync(status, headers).ConfigureAwait(false);
    }

    private static void WriteTgiError(RelayError error, IBufferWriter<byte> output)
    {
        using var json = new TokenJson();
        json.WriteError(error, output);
    }

    private static string Describe(Repeats repeats) => string.Create(
        CultureInfo.InvariantCulture,
        $"{repeats.Count}; cause={repeats.Cause}{(repeats.MayHaveRun ? "; may-have-run" : "")}{(repeats.UsedFallback ? "; fallback" : "")}");
}
