using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace LambdaStreamer.Telemetry;

/// <summary>
/// Tells X-Ray's daemon of the endpoint call in a subsegment, one UDP datagram when the answer has ended (AWS X-Ray Developer Guide,
/// "Sending trace data to AWS X-Ray", "Segment documents"). What the daemon does not get is lost: no answer waits for a trace.
/// </summary>
public sealed class TraceDaemon : IDisposable
{
    private const string Name = "SageMakerRuntime";
    private const string Operation = "InvokeEndpointWithResponseStream";

    private readonly Socket _socket;
    private readonly string _region;

    private TraceDaemon(IPEndPoint address, string region)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _socket.Connect(address);
        _region = region;
    }

    private static ReadOnlySpan<byte> Header => "{\"format\": \"json\", \"version\": 1}\n"u8;

    /// <summary>Null where Lambda names none, or one that cannot be read: then nothing is traced.</summary>
    /// <param name="address"><c>AWS_XRAY_DAEMON_ADDRESS</c>: <c>address:port</c>, or <c>tcp:address:port udp:address:port</c>.</param>
    /// <param name="region">The endpoint's.</param>
    public static TraceDaemon? Open(string? address, string region)
    {
        const string Udp = "udp:";
        var text = address?.Split(' ').Select(static part => part.StartsWith(Udp, StringComparison.Ordinal) ? part[Udp.Length..] : part)
            .LastOrDefault(static part => !part.StartsWith("tcp:", StringComparison.Ordinal));
        return IPEndPoint.TryParse(text ?? "", out var endPoint) && endPoint.Port > 0 ? new TraceDaemon(endPoint, region) : null;
    }

    public void Send(RequestRecord record, TraceHeader trace)
    {
        using var document = new ByteBuffer();
        document.Append(Header);
        using (var json = new Utf8JsonWriter(document))
        {
            Write(record, trace, json);
        }

        try
        {
            _socket.Send(document.Unread);
        }
        catch (SocketException)
        {
            // Nobody listens, or the socket's buffer is full.
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Write(RequestRecord record, TraceHeader trace, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, Name);
        json.WriteString("id"u8, trace.SubsegmentId);
        json.WriteString("trace_id"u8, trace.Root);
        json.WriteString("parent_id"u8, trace.Parent);
        json.WriteString("type"u8, "subsegment"u8);
        json.WriteString("namespace"u8, "aws"u8);
        json.WriteNumber("start_time"u8, Seconds(record.BeganAt + record.CallBegan));
        json.WriteNumber("end_time"u8, Seconds(record.BeganAt + record.CallEnded));
        var status = record.Outcome?.Error?.Status ?? 200;
        json.WriteBoolean("fault"u8, status >= 500);
        json.WriteBoolean("error"u8, status is >= 400 and < 500);
        json.WriteBoolean("throttle"u8, status == 429);
        json.WriteStartObject("aws"u8);
        json.WriteString("operation"u8, Operation);
        json.WriteString("region"u8, _region);
        json.WriteNumber("retries"u8, record.Outcome?.Repeats.Count ?? 0);
        if (record.Outcome?.EndpointRequestId is { } requestId)
        {
            json.WriteString("request_id"u8, requestId);
        }

        json.WriteEndObject();
        json.WriteStartObject("annotations"u8);
        json.WriteString("ending"u8, record.Ending.ToString());
        json.WriteString("model"u8, record.Model?.Id ?? "");
        if (record.FirstToken is { } firstToken)
        {
            json.WriteNumber("time_to_first_token_ms"u8, RequestLine.Milliseconds(firstToken));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Since 1970, to the millisecond.</summary>
    private static decimal Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000m;
}
