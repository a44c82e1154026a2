using System.Text.Json;

namespace LambdaStreamer.Generate;

/// <summary>What the relay itself has to know of a request's parameters. The container judges them; here only what it would take counts.</summary>
internal sealed class GenerateParameters
{
    private readonly List<string> _stop = [];
    private bool _asksForFullText;
    private (int Start, int End) _nullFullText;

    public bool Details { get; private set; }

    public bool ReturnFullText { get; private set; }

    public IReadOnlyList<string> Stop => _stop;

    public int? MaxNewTokens { get; private set; }

    /// <summary>Reads <c>parameters</c>; the reader stands on its first brace and is a copy of the caller's.</summary>
    public void Read(Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("details"u8))
            {
                reader.Read();
                Details = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("return_full_text"u8))
            {
                reader.Read();
                _asksForFullText = reader.TokenType != JsonTokenType.Null;
                _nullFullText = _asksForFullText ? default : ((int)reader.TokenStartIndex - start, (int)reader.BytesConsumed - start);
                ReturnFullText = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("stop"u8) || reader.ValueTextEquals("stop_sequences"u8))
            {
                // DJL LMI knows both names.
                reader.Read();
                ReadStop(reader);
            }
            else if (reader.ValueTextEquals("max_new_tokens"u8))
            {
                reader.Read();
                ReadMaxNewTokens(reader);
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }
    }

    /// <summary>A string or an array of strings.</summary>
    public void ReadStop(Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            _stop.Add(reader.GetString()!);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                _stop.Add(reader.GetString()!);
            }

            reader.Skip();
        }
    }

    /// <summary>Of two limits the larger: containers differ in which of OpenAI's two names wins.</summary>
    public void ReadMaxNewTokens(Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var limit) && limit > 0)
        {
            MaxNewTokens = Math.Max(limit, MaxNewTokens ?? 0);
        }
    }

    /// <summary>
    /// Adds <c>"return_full_text": false</c> unless the caller decided: TGI's default on <c>/invocations</c> is true, which repeats the
    /// prompt. Only into <paramref name="parameters"/> that are there: TGI samples when there are none at all, and does not with an object
    /// that leaves <c>do_sample</c> out. False: nothing to add.
    /// </summary>
    public bool TryAmend(ReadOnlySpan<byte> parameters, out ReadOnlySpan<byte> amended)
    {
        amended = default;
        if (_asksForFullText || parameters is not [(byte)'{', ..])
        {
            return false;
        }

        if (_nullFullText.End > 0)
        {
            amended = (byte[])[.. parameters[.._nullFullText.Start], .. "false"u8, .. parameters[_nullFullText.End..]];
            return true;
        }

        var members = parameters[1..^1].Trim(" \t\r\n"u8);
        amended = members.IsEmpty
            ? "{\"return_full_text\":false}"u8
            : (byte[])[.. "{"u8, .. members, .. ",\"return_full_text\":false}"u8];
        return true;
    }
}
