namespace LambdaStreamer.OpenAI;

/// <summary>What every object of one answer repeats, and what of the container's words its caller wants to see.</summary>
internal sealed record AnswerHead
{
    /// <summary>Lambda's id of the request; also what the client gets as <c>x-request-id</c>.</summary>
    public required string RequestId { get; init; }

    /// <summary>Unix time in seconds.</summary>
    public required long Created { get; init; }

    /// <summary>As the caller named it.</summary>
    public required string Model { get; init; }

    /// <summary>A stream ends with a chunk that tells the usage.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>How many likeliest tokens are told beside each token's logprob; null for no logprobs.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>
    /// The text in place of which the caller sees LF (<see cref="Text.ModelMarkup.Newline"/>), UTF-8; empty for most models.
    /// </summary>
    public ReadOnlyMemory<byte> Newline { get; init; }

    /// <summary>The id of a tool call is this and its index, where the container gives none.</summary>
    public string ToolCallIdPrefix => $"call_{RequestId}_";

    /// <summary>The object's first four members, with the brace before and the comma behind them.</summary>
    public byte[] Prefix(string idPrefix, string objectName)
    {
        using var output = new ByteBuffer();
        using (var json = EndpointJson.Begin(output))
        {
            json.WriteString("id"u8, idPrefix + RequestId);
            json.WriteString("object"u8, objectName);
            json.WriteNumber("created"u8, Created);
            json.WriteString("model"u8, Model);
        }

        output.Append(","u8);
        return output.Unread.ToArray();
    }
}
