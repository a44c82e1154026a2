using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// The members of a request's line in the log, for both formats. What is absent is left out. Names that begin with <c>gen_ai.</c> are
/// OpenTelemetry's (semantic conventions for generative AI); <c>errorType</c> and <c>errorMessage</c> are Lambda's.
/// </summary>
internal static class RequestLine
{
    private const string Provider = "aws.sagemaker";

    public static void Write(RequestRecord record, Utf8JsonWriter json)
    {
        json.WriteString("ending"u8, record.Ending.ToString());
        json.WriteString("side"u8, Endings.Of(record.Ending).Side.ToString());
        json.WriteString("surface"u8, NameOf(record.Surface));
        WriteIfAny(json, "status"u8, record.Status);
        if (record.Key is { } key)
        {
            json.WriteString("key"u8, key.Name);
        }

        if (record.Outcome is { } outcome)
        {
            WriteAnswer(record, outcome, json);
        }

        json.WriteNumber("duration_ms"u8, Milliseconds(record.Duration));
        json.WriteNumber("bytes_in"u8, record.BytesIn);
        json.WriteNumber("bytes_out"u8, record.BytesOut);
        if (record.IsColdStart)
        {
            json.WriteBoolean("cold_start"u8, true);
        }

        if (record.Outcome?.Error is { } error)
        {
            WriteError(error, json);
        }
    }

    internal static string NameOf(Surface surface) => surface.ToString().ToLowerInvariant();

    internal static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);

    private static void WriteAnswer(RequestRecord record, RelayOutcome outcome, Utf8JsonWriter json)
    {
        if (record.Model is { } model)
        {
            json.WriteString("gen_ai.provider.name"u8, Provider);
            json.WriteString("gen_ai.operation.name"u8, record.Surface == Surface.Chat ? "chat"u8 : "text_completion"u8);
            json.WriteString("gen_ai.request.model"u8, model.Id);
        }

        if (outcome.EndpointRequestId is { } endpointRequestId)
        {
            json.WriteString("endpoint_request_id"u8, endpointRequestId);
        }

        if (outcome.Dialect is { } dialect)
        {
            json.WriteString("dialect"u8, dialect.ToString().ToLowerInvariant());
        }

        if (record.FirstToken is { } firstToken)
        {
            json.WriteNumber("ttft_ms"u8, Milliseconds(firstToken));
        }

        if (record.InterToken.Quantile(0.5) is { } median && record.InterToken.Quantile(0.95) is { } late)
        {
            json.WriteNumber("itl_p50_ms"u8, Milliseconds(median));
            json.WriteNumber("itl_p95_ms"u8, Milliseconds(late));
        }

        if (outcome.Usage.InputTokens is { } input)
        {
            json.WriteNumber("gen_ai.usage.input_tokens"u8, input);
        }

        if (record.Model is not null)
        {
            json.WriteNumber("gen_ai.usage.output_tokens"u8, outcome.Usage.GeneratedTokens);
        }

        if (outcome.Usage.FinishReason != FinishReason.Unknown)
        {
            json.WriteStartArray("gen_ai.response.finish_reasons"u8);
            json.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.Usage.FinishReason.ToString()));
            json.WriteEndArray();
        }

        WriteIfAny(json, "unknown_lines"u8, outcome.UnknownCount);
        if (outcome.Repeats.Count > 0)
        {
            json.WriteNumber("retries"u8, outcome.Repeats.Count);
            json.WriteString("retry_cause"u8, outcome.Repeats.Cause.ToString());
            WriteIfTrue(json, "may_have_run_twice"u8, outcome.Repeats.MayHaveRun);
            WriteIfTrue(json, "fallback"u8, outcome.Repeats.UsedFallback);
        }
    }

    private static void WriteError(RelayError error, Utf8JsonWriter json)
    {
        json.WriteString("errorType"u8, error.LambdaType);

        // What is said to a client about its own request may repeat some of it.
        var message = error.Detail ?? (Endings.Of(error.Ending).Side == EndingSide.Client ? null : error.Message);
        if (message is not null)
        {
            json.WriteString("errorMessage"u8, message);
        }
    }

    private static void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, int value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteIfTrue(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, value);
        }
    }
}
