using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using LambdaStreamer.Relay;
using LambdaStreamer.RuntimeApi;
using LambdaStreamer.Telemetry;

namespace LambdaStreamer.FunctionUrl;

/// <summary>
/// The answer to an HTTP request in one piece: <c>{"statusCode","headers","body","isBase64Encoded"}</c> as an ordinary Lambda result (API
/// Gateway Developer Guide, "Lambda proxy integrations", output format). <c>sam local invoke</c> shows of a streamed answer the prelude and
/// its NUL bytes, and <c>sam local start-api</c> cannot read one; this both take.
/// </summary>
public sealed class ProxyReply(RuntimeApiClient client, Invocation invocation, StreamedResponse response, RequestRecord record)
    : HttpReply(response, record)
{
    private static readonly JsonWriterOptions JsonOptions = new()
    {
        // For a terminal: quotes and letters of all scripts as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private int _status;
    private List<(string Name, string Value)>? _headers;
    private bool _isTooLarge;

    private static RelayError TooLarge { get; } = new(
        Ending.AnswerTooLarge, $"The answer is larger than the {MaxBufferedLength} bytes that sam local takes; the deployed function streams it.");

    public override bool IsStarted => _headers is not null;

    /// <summary>Nothing is sent before the end.</summary>
    public override ValueTask ConnectAsync() => default;

    public override async ValueTask CompleteAsync(string contentType)
    {
        if (!IsStarted)
        {
            await StartAsync(200, contentType).ConfigureAwait(false);
        }

        using var json = new ByteBuffer();
        WriteResult(json);
        if (_isTooLarge || json.Length > MaxBufferedLength)
        {
            _isTooLarge = false;
            await RefuseAsync(TooLarge).ConfigureAwait(false);
            return;
        }

        await client.RespondAsync(invocation, json.UnreadMemory, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What came and the error's own text are one result, which a caller of <c>sam local</c> gets to see.</summary>
    public override ValueTask FailAsync(RelayError error) => CompleteAsync(contentType: "");

    protected override ValueTask SendHeadAsync(int status, List<(string Name, string Value)> headers)
    {
        _status = status;
        _headers = headers;
        return default;
    }

    protected override ValueTask FlushAsync()
    {
        if (OutputLength > MaxBufferedLength)
        {
            _isTooLarge = true;
            Response.DiscardOutput();
        }

        return default;
    }

    private void WriteResult(ByteBuffer output)
    {
        var body = Response.OutputMemory.Span;
        var isText = Utf8.IsValid(body);
        using var json = new Utf8JsonWriter(output, JsonOptions);
        json.WriteStartObject();
        Prelude.WriteHead(json, _status, CollectionsMarshal.AsSpan(_headers));
        if (isText)
        {
            json.WriteString("body"u8, body);
        }
        else
        {
            json.WriteBase64String("body"u8, body);
        }

        json.WriteBoolean("isBase64Encoded"u8, !isText);
        json.WriteEndObject();
    }
}
