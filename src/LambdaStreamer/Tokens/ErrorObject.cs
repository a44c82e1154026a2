using System.Buffers;
using System.Text.Json;

namespace LambdaStreamer.Tokens;

/// <summary>
/// The model server's own error inside a stream whose status was 200:
/// <c>{"error": "…", "error_type": "…"}</c> (TGI), <c>{"code": 424, "error": "…"}</c> (LMI),
/// <c>{"error": {"message", "http_status_code"|"code", "type"}}</c> (TGI chat from 2.4.1, OpenAI, vLLM), and
/// <c>{"object": "error", "message", "type", "code"}</c> (vLLM before it wrapped its errors; LMI's front end without <c>object</c>).
/// An error wins over everything else in its object; text that came with it stays in the token, to be shown before it.
/// </summary>
internal static class ErrorObject
{
    private const int FirstErrorStatus = 400;
    private const int LastErrorStatus = 599;

    // What containers name their errors with; anything else is no name, and would stand in logs and answers unquoted.
    private const int MaxTypeLength = 64;
    private static readonly SearchValues<byte> TypeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"u8);

    /// <summary>Reads the current member if it can belong to an error.</summary>
    public static bool TryRead(
        scoped ReadOnlySpan<byte> name, scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (name.SequenceEqual("error"u8))
        {
            ReadError(ref line, ref parts, ref token);
        }
        else if (name.SequenceEqual("error_type"u8))
        {
            ReadType(ref line, ref token);
        }
        else if (name.SequenceEqual("error_msg"u8))
        {
            ReadMessage(ref line, ref parts, ref token);
        }
        else if (name.SequenceEqual("object"u8))
        {
            parts |= line.Type == JsonTokenType.String && line.Text().SequenceEqual("error"u8) ? ObjectParts.ErrorMark : ObjectParts.None;
            line.Skip();
        }
        else if (name.SequenceEqual("message"u8) && line.Type == JsonTokenType.String)
        {
            token.ErrorMessage = token.ErrorMessage.IsEmpty ? line.Text() : token.ErrorMessage;
        }
        else if (name.SequenceEqual("type"u8))
        {
            ReadType(ref line, ref token);
        }
        else if (name.SequenceEqual("code"u8))
        {
            ReadCode(ref line, ref token);
            parts |= token.ErrorStatus is null ? ObjectParts.None : ObjectParts.ErrorMark;
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>A message that is only there when something failed. Null and empty say that nothing did.</summary>
    public static void ReadMessage(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        var message = line.Text();
        if (!message.IsEmpty)
        {
            token.ErrorMessage = message;
            parts |= ObjectParts.Error;
        }
    }

    /// <summary>
    /// Makes the object an error if it is one; otherwise takes what looked like one out of the token.
    /// </summary>
    /// <param name="isBegun">The stream had tokens before: a whole answer is then their repetition.</param>
    public static bool TryComplete(ObjectParts parts, bool isBegun, ref Token token)
    {
        var hasOtherParts = (parts & ~(ObjectParts.ErrorMark | ObjectParts.EmptyError)) != 0;
        var isError = (parts & ObjectParts.Error) != 0
            || (!hasOtherParts && (parts & ObjectParts.EmptyError) != 0)
            || (!hasOtherParts && (parts & ObjectParts.ErrorMark) != 0 && !token.ErrorMessage.IsEmpty);
        if (isError)
        {
            var failed = token;
            token = new Token
            {
                Kind = TokenKind.Error,
                ErrorMessage = failed.ErrorMessage,
                ErrorType = failed.ErrorType,
                ErrorStatus = failed.ErrorStatus,
            };
            var isRepetition = isBegun && (parts & ObjectParts.Message) != 0;
            var hasContent = !failed.Text.IsEmpty || !failed.Reasoning.IsEmpty || !failed.ToolCalls.IsEmpty;
            if (hasContent && !isRepetition)
            {
                token.Text = failed.Text;
                token.Reasoning = failed.Reasoning;
                token.ToolCalls = failed.ToolCalls;
                token.IsSpecial = failed.IsSpecial;
                token.Count = Math.Max(failed.Count, 1);
            }

            return true;
        }

        token.ErrorMessage = default;
        token.ErrorType = default;
        token.ErrorStatus = null;
        return false;
    }

    private static void ReadError(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        if (line.Type != JsonTokenType.StartObject)
        {
            ReadBareError(ref line, ref parts, ref token);
            return;
        }

        parts |= ObjectParts.Error;
        var start = line.Start;
        ReadOnlySpan<byte> message = default;
        while (line.ReadMember(out var name))
        {
            if ((name.SequenceEqual("message"u8) || name.SequenceEqual("error_msg"u8)) && line.Type == JsonTokenType.String)
            {
                message = line.Text();
            }
            else if (name.SequenceEqual("type"u8) || name.SequenceEqual("error_type"u8))
            {
                ReadType(ref line, ref token);
            }
            else if (name.SequenceEqual("http_status_code"u8) || name.SequenceEqual("code"u8) || name.SequenceEqual("error_code"u8))
            {
                ReadCode(ref line, ref token);
            }
            else
            {
                line.Skip();
            }
        }

        // Whatever it says, it is better than to say nothing.
        token.ErrorMessage = message.IsEmpty ? line.RawFrom(start) : message;
    }

    /// <summary>An <c>error</c> that is no object. Null, false, 0, an empty list, and beside a token an empty text say that there is none.
    /// </summary>
    private static void ReadBareError(scoped ref JsonLine line, scoped ref ObjectParts parts, scoped ref Token token)
    {
        switch (line.Type)
        {
            case JsonTokenType.String:
                var text = line.Text();
                parts |= text.IsEmpty ? ObjectParts.EmptyError : ObjectParts.Error;
                token.ErrorMessage = text.IsEmpty ? token.ErrorMessage : text;
                break;
            case JsonTokenType.True:
                parts |= ObjectParts.Error;
                break;
            case JsonTokenType.Number when line.Int32OrNull() != 0:
                parts |= ObjectParts.Error;
                token.ErrorMessage = token.ErrorMessage.IsEmpty ? line.Number() : token.ErrorMessage;
                ReadCode(ref line, ref token);
                break;
            case JsonTokenType.StartArray:
                var list = line.Raw(out _);
                if (!list[1..^1].Trim(" \t"u8).IsEmpty)
                {
                    parts |= ObjectParts.Error;
                    token.ErrorMessage = list;
                }

                break;
        }
    }

    private static void ReadType(scoped ref JsonLine line, scoped ref Token token)
    {
        if (line.Type == JsonTokenType.String)
        {
            var type = line.Text();
            token.ErrorType = IsType(type) ? type : token.ErrorType;
        }

        line.Skip();
    }

    private static bool IsType(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= MaxTypeLength && !text.ContainsAnyExcept(TypeCharacters);

    /// <summary>A status, or a word that stands in for the type where none is told.</summary>
    private static void ReadCode(scoped ref JsonLine line, scoped ref Token token)
    {
        if (line.Int32OrNull() is >= FirstErrorStatus and <= LastErrorStatus and var status)
        {
            token.ErrorStatus = status;
        }
        else if (token.ErrorType.IsEmpty)
        {
            ReadType(ref line, ref token);
        }

        line.Skip();
    }
}
