using System.Buffers;
using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// A stream of OpenAI's chunks: <c>data: {…}</c> and a blank line each, one finish chunk, the usage if it was asked for, and <c>[DONE]</c>
/// after a success alone. No <c>id:</c>, <c>retry:</c> or <c>event:</c> lines, over which clients of OpenAI stumble.
/// </summary>
internal abstract class ChunkAnswer(AnswerHead head, byte[] prefix) : Answer
{
    private readonly TokenJson _tokenJson = new();

    public override string ContentType => "text/event-stream";

    /// <summary>A comment of one line: a blank line behind it would be an event without data, which some clients take for one.</summary>
    public override ReadOnlySpan<byte> KeepAlive => ": ping\n"u8;

    public override void WriteEnd(in Usage usage, IBufferWriter<byte> output)
    {
        WriteFinish(usage, output);
        if (head.IncludesUsage)
        {
            output.Write("data: "u8);
            output.Write(prefix);
            output.Write("\"choices\":[],\"usage\":"u8);
            var json = _tokenJson.Begin(output);
            UsageJson.Write(json, usage);
            json.Flush();
            output.Write("}\n\n"u8);
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    public override void WriteError(RelayError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        OpenAIError.Write(OpenAIError.InTerms(error), output);
        output.Write("\n\n"u8);
    }

    public override void Dispose() => _tokenJson.Dispose();

    /// <summary>The chunk with the one finish reason.</summary>
    protected abstract void WriteFinish(in Usage usage, IBufferWriter<byte> output);

    /// <summary>Up to the choice's own members, of which the caller writes the first ones.</summary>
    protected Utf8JsonWriter BeginChunk(IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        output.Write(prefix);
        output.Write("\"choices\":["u8);
        var json = _tokenJson.Begin(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        return json;
    }

    /// <param name="json">What <see cref="BeginChunk"/> gave.</param>
    /// <param name="logprobs">Null when they were not asked for.</param>
    /// <param name="finishReason">Empty while the answer goes on.</param>
    /// <param name="output">The same.</param>
    protected void EndChunk(Utf8JsonWriter json, LogprobList? logprobs, ReadOnlySpan<byte> finishReason, IBufferWriter<byte> output)
    {
        json.WritePropertyName("logprobs"u8);
        if (logprobs is null)
        {
            json.WriteNullValue();
        }
        else
        {
            logprobs.Write(json);
        }

        if (finishReason.IsEmpty)
        {
            json.WriteNull("finish_reason"u8);
        }
        else
        {
            json.WriteString("finish_reason"u8, finishReason);
        }

        json.WriteEndObject();
        json.Flush();
        output.Write(head.IncludesUsage ? "],\"usage\":null}\n\n"u8 : "]}\n\n"u8);
    }
}
