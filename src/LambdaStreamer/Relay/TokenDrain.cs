using System.Buffers;
using LambdaStreamer.Lines;
using LambdaStreamer.Responses;
using LambdaStreamer.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>
/// The synchronous middle of the relay: takes everything that one read brought through frames, lines, tokens and text into the answer's
/// bytes, and decides what an end is. Owns what must survive between reads. Holds nothing back but what may become a stop sequence: what a
/// read completes is written before the next read.
/// </summary>
/// <remarks>
/// Calls: any number of <see cref="Drain"/>, <see cref="End"/> if the body ended by itself, then <see cref="Conclude"/> once.
/// </remarks>
internal sealed class TokenDrain : IDisposable
{
    /// <summary>
    /// How many tokens a container may send past the caller's stop sequence or limit before the relay ends the answer itself. Containers
    /// that stop on their own do so within one or two, and their end marker brings the usage.
    /// </summary>
    private const int Grace = 8;

    private readonly Answer _answer;
    private readonly AnswerRules _rules;
    private readonly LineReader _lines = new();
    private readonly TokenReader _tokens;
    private readonly VisibleText _text;
    private readonly ByteBuffer _lastText = new();
    private readonly LineObserver? _onUnknown;
    private Usage _usage;
    private int? _countedWhenStopped;
    private long _room;

    /// <param name="answer">Where the tokens go.</param>
    /// <param name="rules">What the caller sees of them.</param>
    /// <param name="onUnknown">Is shown each line that no dialect knows; null when nobody wants to see them.</param>
    public TokenDrain(Answer answer, AnswerRules rules, LineObserver? onUnknown)
    {
        _answer = answer;
        _rules = rules;
        _tokens = new TokenReader(rules.Dialect);
        _text = new VisibleText(rules.Markup, rules.Stops);
        _onUnknown = onUnknown;
    }

    public ref readonly Usage Usage => ref _usage;

    /// <summary>Objects with a token in them, whatever it is worth in tokens: what shows that the model is at work.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The dialect of the last token; null before the first.</summary>
    public Dialect? Dialect { get; private set; }

    /// <summary>Lines that no dialect knows. They were passed over.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>
    /// Nothing is missing that the caller is to get: its stop sequence came, or the container's end marker. Only the usage may still come.
    /// </summary>
    public bool IsWhole => _countedWhenStopped is not null || _usage.IsComplete;

    /// <summary>The container ran past the caller's stop sequence or limit by more than the grace: the relay ends the answer.</summary>
    public bool IsEndedHere { get; private set; }

    private bool IsUnknown => UnknownCount > 0 && TokenCount == 0 && !_usage.IsComplete;

    /// <summary>Everything read so far. An error ends the stream; what came before it has been written.</summary>
    /// <param name="parts">Where a read has just ended.</param>
    /// <param name="output">Receives the answer's bytes.</param>
    /// <param name="room">By how much they may grow, with what the answer holds for its end; a token that does not fit is not
    /// written.</param>
    public RelayError? Drain(PayloadPartReader parts, ByteBuffer output, long room)
    {
        _room = room + output.Length + _answer.HeldLength;
        while (!IsEndedHere)
        {
            switch (parts.TryRead(out var part))
            {
                case OperationStatus.NeedMoreData:
                    return null;
                case OperationStatus.InvalidData:
                    return parts.Error;
            }

            if (DrainPart(part, output) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>
    /// The body has ended: what is left without a line end, then whether all of it was there. Containers are known to leave the last line
    /// end out.
    /// </summary>
    public RelayError? End(PayloadPartReader parts, ByteBuffer output)
    {
        var isFrameCut = parts.End() == OperationStatus.InvalidData;
        var error = TakeUnendedLine(output);

        // What explains half a line best is that something was cut: a frame, or the answer.
        var isCut = isFrameCut || error is { Ending: Ending.ModelLineInvalid };
        if (error is not null && !isCut)
        {
            return error;
        }

        return IsWhole || (_usage.IsEndedByBody && !isCut) ? null
            : isFrameCut ? parts.Error
            : IsUnknown ? StreamErrors.ModelDialectUnknown
            : StreamErrors.ModelEndMissing;
    }

    /// <summary>
    /// No byte comes any more. Writes text that was held back as the beginning of a stop sequence that never came: it belongs to the
    /// answer, also to one that broke.
    /// </summary>
    /// <param name="error">What ended the stream, if it was not its end.</param>
    /// <param name="output">Receives the answer's bytes.</param>
    /// <returns>The error, unless nothing was taken from the caller by it.</returns>
    public RelayError? Conclude(RelayError? error, ByteBuffer output)
    {
        if (error is not (null or { Ending: Ending.ResponseLimitReached or Ending.AnswerTooLarge }))
        {
            // A whole line may have come before the fault, only its line end not.
            TakeUnendedLine(output);
        }

        if (error is { Ending: Ending.ResponseLimitReached or Ending.AnswerTooLarge })
        {
            // These took text away, be the container's own answer as whole as it may.
            return error;
        }

        Flush(output);
        return IsWhole ? null : error;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _tokens.Dispose();
        _text.Dispose();
        _lastText.Dispose();
    }

    private RelayError? DrainPart(ReadOnlySpan<byte> part, ByteBuffer output)
    {
        while (!IsEndedHere)
        {
            switch (_lines.Read(ref part, out var line))
            {
                case OperationStatus.NeedMoreData:
                    return null;
                case OperationStatus.InvalidData:
                    return StreamErrors.LineTooLong;
            }

            if (Take(line, output) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private RelayError? TakeUnendedLine(ByteBuffer output) => _lines.TryReadLast(out var line) ? Take(line, output) : null;

    private RelayError? Take(ReadOnlySpan<byte> line, ByteBuffer output)
    {
        var token = _tokens.Read(line);
        switch (token.Kind)
        {
            case TokenKind.Update:
                _usage.Add(token);
                EndText(token, output);
                return null;
            case TokenKind.Token when _usage.IsComplete:
                // Another choice that was not asked for, or a text told twice: what the model has ended does not go on.
                return null;
            case TokenKind.Token:
                TokenCount++;
                Dialect = token.Dialect;
                _usage.Add(token);
                return Write(ref token, output);
            case TokenKind.Error:
                return WriteLastWords(ref token, output) ?? StreamErrors.OfModel(token);
            case TokenKind.Malformed:
                return StreamErrors.LineMalformed;
            case TokenKind.Unknown:
                UnknownCount++;
                _onUnknown?.Invoke(line);
                return null;
            default:
                return null;
        }
    }

    /// <summary>A container may put its last text and its error into one object.</summary>
    private RelayError? WriteLastWords(ref Token token, ByteBuffer output)
    {
        if (token.Count == 0)
        {
            return null;
        }

        TokenCount++;
        _usage.Add(token);
        return Write(ref token, output);
    }

    private RelayError? Write(ref Token token, ByteBuffer output)
    {
        var lengthBefore = output.Length;
        Show(ref token, output);
        if (output.Length + _answer.HeldLength <= _room)
        {
            return null;
        }

        output.Truncate(lengthBefore);
        return StreamErrors.ResponseLimitReached;
    }

    private void Show(ref Token token, ByteBuffer output)
    {
        var wasStopped = _countedWhenStopped is not null;
        HideMarkup(ref token);
        if (!token.IsSpecial)
        {
            token.WholeText = token.Text;
            token.Text = _text.Take(token.Text);
        }

        NoteStop();
        if (_countedWhenStopped is { } counted)
        {
            IsEndedHere = !_usage.IsComplete && _usage.CountedTokens > (long)counted + Grace;

            // Nothing from the stop sequence on is for the caller: not beside the text either.
            token.TopTokens = default;
            if (wasStopped || token.Text.IsEmpty)
            {
                return;
            }
        }
        else if (_rules.MaxNewTokens is { } limit && !_usage.IsComplete && _usage.CountedTokens > (long)limit + Grace)
        {
            _usage.EndBy(FinishReason.Length);
            IsEndedHere = true;
        }

        if (token.Text.IsEmpty && !(token.ToolCalls.IsEmpty && token.Reasoning.IsEmpty))
        {
            // No stop sequence spans a tool call: text that stood before it goes before it.
            Flush(output);
        }

        if (!token.IsLast)
        {
            _answer.WriteToken(token, output);
            return;
        }

        Release(ref token, output);
        _answer.WriteLast(token, _usage, output);
    }

    /// <summary>The flag is missing in some dialects and wrong for some models (optimum-neuron issue 437).</summary>
    private void HideMarkup(ref Token token)
    {
        if (token.IsSpecial)
        {
            return;
        }

        if (token.Count == 1)
        {
            token.IsSpecial = _rules.Markup.IsSpecial(token.Text);
        }
        else
        {
            token.Text = _rules.Markup.TrimSpecial(token.Text);
        }
    }

    private void NoteStop()
    {
        if (_text.IsStopped)
        {
            _countedWhenStopped ??= _usage.CountedTokens;

            // Again with every token: the container's own reason, told later, is about what it made and not about what the caller gets.
            _usage.EndBy(FinishReason.StopSequence);
        }
    }

    /// <summary>An end marker without a token. No stop sequence can come behind it.</summary>
    private void EndText(in Token token, ByteBuffer output)
    {
        NoteStop();
        if (token.IsLast)
        {
            Flush(output);
        }
    }

    /// <summary>No stop sequence can come any more: held text goes out with the last token, or before it where that shows no text.</summary>
    private void Release(ref Token token, ByteBuffer output)
    {
        if (_text.HeldLength == 0)
        {
            return;
        }

        if (token.IsSpecial)
        {
            Flush(output);
            return;
        }

        _lastText.Clear();
        _lastText.Append(token.Text);
        _lastText.Append(TakeHeldText());
        token.Text = _lastText.Unread;
    }

    private void Flush(ByteBuffer output)
    {
        var rest = TakeHeldText();
        if (!rest.IsEmpty)
        {
            _answer.WriteToken(new Token { Kind = TokenKind.Token, Text = rest }, output);
        }
    }

    private ReadOnlySpan<byte> TakeHeldText()
    {
        var rest = _text.End();

        // What was held for the model's markup can turn out to be plain text that completes a stop sequence.
        NoteStop();
        return rest;
    }
}
