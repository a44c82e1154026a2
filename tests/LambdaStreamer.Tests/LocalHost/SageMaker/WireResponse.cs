using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>What came back: head, HTTP chunks, and whether the body ended as HTTP wants it to.</summary>
internal sealed class WireResponse
{
    public int Status { get; set; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<byte[]> Chunks { get; } = [];

    public bool IsComplete { get; set; }

    public byte[] Body => [.. Chunks.SelectMany(chunk => chunk)];

    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The payload of each whole frame, and its headers as readable text.</summary>
    public IReadOnlyList<(string Headers, byte[] Payload)> Frames => [.. Split(Body)];

    /// <summary>The container's body.</summary>
    public byte[] Payload => [.. Frames.Where(frame => frame.Headers.Contains("PayloadPart")).SelectMany(frame => frame.Payload)];

    public string PayloadText => Encoding.UTF8.GetString(Payload);

    /// <summary>The texts of the token events that are not special, joined.</summary>
    public string VisibleText => string.Concat(Events.Select(json => json.GetProperty("token"))
        .Where(token => !token.GetProperty("special").GetBoolean())
        .Select(token => token.GetProperty("text").GetString()));

    /// <summary>The JSON of each whole event; comments and a part of an event are left out.</summary>
    public IReadOnlyList<JsonElement> Events => [.. PayloadText.Split("\n\n")
        .SkipLast(1)
        .Where(line => line.StartsWith("data:", StringComparison.Ordinal))
        .Select(line => JsonDocument.Parse(line["data:".Length..]).RootElement)];

    // total length, headers length, prelude CRC; headers; payload; message CRC.
    private static IEnumerable<(string Headers, byte[] Payload)> Split(byte[] body)
    {
        for (var at = 0; at + 16 <= body.Length;)
        {
            var total = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            var headers = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 4));
            if (at + total > body.Length)
            {
                yield break;
            }

            yield return (Encoding.UTF8.GetString(body, at + 12, headers), body[(at + 12 + headers)..(at + total - 4)]);
            at += total;
        }
    }
}
