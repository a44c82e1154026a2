using System.Buffers;
using LambdaStreamer.Lines;
using LambdaStreamer.Responses;
using LambdaStreamer.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Relay;

/// <summary>
/// The synchronous middle of the relay: takes everything that one read brought through frames, lines, tokens and text into the answer's
/// bytes. Owns what must survive between reads. Holds nothing back but what may become a stop sequence: what a read completes is written
/// before the next read.
/// </summary>
internal sealed class TokenDrain : IDisposable
{
    /// <summary>
    /// How many tokens a container may send past the caller's stop sequence or limit before the relay ends the answer itself. Containers
    /// that stop on their own do so within one or two, and their end marker brings the usage.
    /// </summary>
    private const int Grace = 8;

    /// <summary>What a token's event may need beyond its line, whose escapes and members it roughly shares.</summary>
    private const int EventOverhead = 1024;

    private readonly Answer _answer;
    private readonly AnswerRules _rules;
    private readonly LineReader _lines = new();
    private readonly TokenReader _tokens;
    private readonly VisibleText _text;
    private readonly ByteBuffer _lastText = new();
    private readonly LineObserver? _onUnknown;
    private Usage _usage;
    private int _countedWhenStopped;

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

    /// <summary>The container ran past the caller's stop sequence or limit: the answer is complete without its end marker.</summary>
    public bool IsEndedHere { get; private set; }

    /// <summary>The container's end marker came, and not behind objects alone that no dialect knows: <c>[DONE]</c> ends those too.</summary>
    public bool IsComplete => _usage.IsComplete && !IsUnknown;

    /// <summary>Lines that no dialect knows. They were passed over.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>How many bytes the answer may still grow by; tokens beyond it are not written.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Everything read so far. An error ends the stream; what came before it has been written.</summary>
    public RelayError? Drain(PayloadPartReader parts, IBufferWriter<byte> output)
    {
        while (!IsEndedHere)
        {
            switch (parts.TryRead(out var part))
            {
                case OperationStatus.NeedMoreData:
                    return null;
                case OperationStatus.InvalidData:
                    return parts.Error;
            }

            if (Drain(part, output) is { } error)
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
    public RelayError? End(PayloadPartReader parts, IBufferWriter<byte> output)
    {
        var isFrameCut = parts.End() == OperationStatus.InvalidData;
        var error = _lines.TryReadLast(out var line) ? Take(line, output) : null;

        // What explains half a line best is that something was cut: a frame, or the answer.
        var isCut = isFrameCut || error is { Ending: Ending.ModelLineInvalid };
        if (error is not null && !isCut)
        {
            return error;
        }

        return IsComplete || (_usage.IsEndedByBody && !isCut) ? null
            : isFrameCut ? parts.Error
            : IsUnknown ? StreamErrors.ModelDialectUnknown
            : StreamErrors.ModelEndMissing;
    }

    /// <summary>Writes text that was held back as the beginning of a stop sequence that never came. It belongs to the answer.</summary>
    public void Flush(IBufferWriter<byte> output)
    {
        var rest = EndText();
        if (!rest.IsEmpty)
        {
            _answer.WriteToken(new Token { Kind = TokenKind.Token, Text = rest }, output);
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _tokens.Dispose();
        _text.Dispose();
        _lastText.Dispose();
    }

    private bool IsUnknown => UnknownCount > 0 && _usage.CountedTokens == 0;

    private RelayError? Drain(ReadOnlySpan<byte> part, IBufferWriter<byte> output)
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

    private RelayError? Take(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        var token = _tokens.Read(line);
        switch (token.Kind)
        {
            case TokenKind.Token or TokenKind.Update:
                Room -= line.Length + EventOverhead;
                if (Room < 0)
                {
                    return StreamErrors.ResponseLimitReached;
                }

                _usage.Add(token);
                Show(ref token, output);
                return null;
            case TokenKind.Error:
                return StreamErrors.OfModel(token);
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

    private void Show(ref Token token, IBufferWriter<byte> output)
    {
        HideMarkup(ref token);
        if (!token.IsSpecial)
        {
            token.WholeText = token.Text;
            token.Text = _text.Take(token.Text);
        }

        if (_text.IsStopped)
        {
            EndByStop();
        }
        else if (_rules.MaxNewTokens is { } limit && !_usage.IsComplete && _usage.CountedTokens > (long)limit + Grace)
        {
            _usage.EndBy(FinishReason.Length);
            IsEndedHere = true;
        }

        if (token.IsLast)
        {
            Release(ref token, output);
            _answer.WriteLast(token, _usage, output);
        }
        else if (token.Kind == TokenKind.Token)
        {
            _answer.WriteToken(token, output);
        }
    }

    /// <summary>The flag is missing in some dialects and wrong for some models (optimum-neuron issue 437).</summary>
    private void HideMarkup(ref Token token)
    {
        if (token.IsSpecial)
        {
            return;
        }

        if (token.Count > 1)
        {
            token.Text = _rules.Markup.TrimSpecial(token.Text);
        }
        else
        {
            token.IsSpecial = _rules.Markup.IsSpecial(token.Text);
        }
    }

    private void EndByStop()
    {
        if (_countedWhenStopped == 0)
        {
            _countedWhenStopped = Math.Max(_usage.CountedTokens, 1);
        }

        // Again with every token: the container's own reason, told later, is about what it made and not about what the caller gets.
        _usage.EndBy(FinishReason.StopSequence);
        IsEndedHere = !_usage.IsComplete && _usage.CountedTokens > _countedWhenStopped + Grace;
    }

    /// <summary>No stop sequence can come any more: held text goes out with the last token, or before it where that shows no text.</summary>
    private void Release(ref Token token, IBufferWriter<byte> output)
    {
        if (_text.HeldLength == 0)
        {
            return;
        }

        if (token.IsSpecial || token.Kind == TokenKind.Update)
        {
            Flush(output);
            return;
        }

        _lastText.Append(token.Text);
        _lastText.Append(EndText());
        token.Text = _lastText.Unread;
    }

    private ReadOnlySpan<byte> EndText()
    {
        var rest = _text.End();
        if (_text.IsStopped)
        {
            // What was held for the model's markup can turn out to be plain text that completes a stop sequence.
            _usage.EndBy(FinishReason.StopSequence);
        }

        return rest;
    }
}
