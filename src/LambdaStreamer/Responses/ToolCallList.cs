using System.Runtime.InteropServices;
using System.Text.Json;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Responses;

/// <summary>
/// Puts the pieces of tool calls together for a format that is not streamed. A piece belongs to the call with its index; its arguments go
/// behind those that came before.
/// </summary>
internal sealed class ToolCallList
{
    private readonly SortedDictionary<int, Call> _calls = [];

    /// <summary>Bytes held, at least one a call.</summary>
    public int Length { get; private set; }

    public void Add(ToolCalls pieces)
    {
        foreach (var piece in pieces)
        {
            if (!_calls.TryGetValue(piece.Index, out var call))
            {
                _calls[piece.Index] = call = new Call();
                Length++;
            }

            // TGI repeats id and null names in every piece, vLLM tells both once.
            AppendOnce(call.Id, piece.Id);
            AppendOnce(call.Name, piece.Name);
            Append(call.Arguments, piece.Arguments);
        }
    }

    /// <summary><c>"tool_calls": [{"index","id"?,"name"?,"arguments"}]</c>; nothing when there is none.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        if (_calls.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (var (index, call) in _calls)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            if (call.Id.Count > 0)
            {
                json.WriteString("id"u8, CollectionsMarshal.AsSpan(call.Id));
            }

            if (call.Name.Count > 0)
            {
                json.WriteString("name"u8, CollectionsMarshal.AsSpan(call.Name));
            }

            json.WriteString("arguments"u8, CollectionsMarshal.AsSpan(call.Arguments));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// OpenAI's form of a whole message's calls: <c>[{"id","type":"function","function":{"name","arguments"}}]</c>. Where the container
    /// gave no id, it is <paramref name="idPrefix"/> and the call's index.
    /// </summary>
    public void WriteOpenAIJson(Utf8JsonWriter json, string idPrefix)
    {
        json.WriteStartArray();
        foreach (var (index, call) in _calls)
        {
            json.WriteStartObject();
            if (call.Id.Count > 0)
            {
                json.WriteString("id"u8, CollectionsMarshal.AsSpan(call.Id));
            }
            else
            {
                json.WriteString("id"u8, $"{idPrefix}{index}");
            }

            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, CollectionsMarshal.AsSpan(call.Name));
            json.WriteString("arguments"u8, CollectionsMarshal.AsSpan(call.Arguments));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void AppendOnce(List<byte> target, ReadOnlySpan<byte> value)
    {
        if (target.Count == 0)
        {
            Append(target, value);
        }
    }

    private void Append(List<byte> target, ReadOnlySpan<byte> piece)
    {
        target.AddRange(piece);
        Length += piece.Length;
    }

    private sealed class Call
    {
        public List<byte> Id { get; } = [];

        public List<byte> Name { get; } = [];

        public List<byte> Arguments { get; } = [];
    }
}
