using System.Text.Json;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>
/// The logprobs of an answer's tokens, each told once its text is shown to its last byte, in order. One that a stop sequence cut or ate
/// never is, so no logprob tells what the text does not. Tokens without a logprob are passed over, and so are several in one object.
/// </summary>
/// <remarks>
/// Invariant: <c>_shownLength</c> counts the bytes shown of the waiting tokens' text, and is less than the first one's length. A model's
/// newline marker waits as the LF that is shown for it.
/// </remarks>
internal abstract class LogprobList(AnswerHead head) : IDisposable
{
    private readonly Queue<Entry> _waiting = new();
    private readonly ByteBuffer _waitingBytes = new();
    private readonly TokenJson _topJson = new();
    private int _shownLength;

    public virtual int HeldLength => _waitingBytes.Length;

    /// <summary>Takes a token, and what was shown with it.</summary>
    public void Add(in Token token)
    {
        if (token.IsSpecial)
        {
            return;
        }

        var isAside = token.WholeText.IsEmpty && !(token.Reasoning.IsEmpty && token.ToolCalls.IsEmpty);
        if (!isAside && (token.Count > 0 || !token.WholeText.IsEmpty))
        {
            Wait(token);
        }

        _shownLength += token.Text.Length;
        while (_waiting.TryPeek(out var entry) && entry.TextLength <= _shownLength)
        {
            _waiting.Dequeue();
            _shownLength -= entry.TextLength;
            Tell(entry);
        }
    }

    /// <summary>Writes what has been told since the last call as OpenAI's <c>logprobs</c>; null without any.</summary>
    public abstract void Write(Utf8JsonWriter json);

    public virtual void Dispose()
    {
        _waitingBytes.Dispose();
        _topJson.Dispose();
    }

    /// <param name="text">UTF-8.</param>
    /// <param name="logprob">A JSON number; empty when not told, in which case nothing but the text's length counts.</param>
    /// <param name="top">What <see cref="WriteTop"/> wrote.</param>
    protected abstract void Tell(ReadOnlySpan<byte> text, ReadOnlySpan<byte> logprob, ReadOnlySpan<byte> top);

    /// <summary>The likeliest tokens at the position, in the surface's form.</summary>
    protected abstract void WriteTop(Utf8JsonWriter json, TopTokens tokens, int count);

    private void Wait(in Token token)
    {
        var text = !head.Newline.IsEmpty && token.WholeText.SequenceEqual(head.Newline.Span) ? "\n"u8 : token.WholeText;
        _waitingBytes.Append(text);
        _waitingBytes.Append(token.Logprob);
        var lengthBefore = _waitingBytes.Length;
        var json = _topJson.Begin(_waitingBytes);
        WriteTop(json, token.TopTokens, head.TopLogprobs ?? 0);
        json.Flush();
        _waiting.Enqueue(new(text.Length, token.Logprob.Length, _waitingBytes.Length - lengthBefore));
    }

    private void Tell(Entry entry)
    {
        var bytes = _waitingBytes.Unread;
        var topStart = entry.TextLength + entry.LogprobLength;
        Tell(bytes[..entry.TextLength], bytes[entry.TextLength..topStart], bytes.Slice(topStart, entry.TopLength));
        _waitingBytes.Consume(topStart + entry.TopLength);
    }

    /// <summary>How long the parts of a waiting token are, one behind the other.</summary>
    private readonly record struct Entry(int TextLength, int LogprobLength, int TopLength);
}
