using System.Buffers;
using LambdaStreamer.EventStream;
using LambdaStreamer.Lines;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Text;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Tests.Stress;

/// <summary>
/// Runs one input after the other, on one thread: each whole and in pieces, which must come to the same. The documented answers to bad
/// input are statuses and endings; there is no documented exception.
/// </summary>
internal sealed class FuzzWorker(ulong seed) : IDisposable
{
    private static readonly MediaType[] Formats = Enum.GetValues<MediaType>();

    private static readonly AnswerRules[] Rules =
    [
        new(),
        new() { Stops = StopsOf("\n", "is a", "！") },
        new() { MaxNewTokens = 1 },
        new() { Markup = ModelMarkup.Of("huggingface-llm-mistral-7b-instruct") },
        .. Enum.GetValues<Dialect>().Select(static dialect => new AnswerRules { Dialect = dialect }),
    ];

    private readonly FuzzMutator _mutator = new();
    private readonly FuzzMiddle _middle = new();
    private readonly FuzzBody _body = new();
    private readonly ByteBuffer _framed = new();
    private readonly ByteBuffer _whole = new();
    private readonly ByteBuffer _cut = new();

    /// <summary>How often the middle ended in which way.</summary>
    public Dictionary<string, int> Endings { get; } = [];

    /// <exception cref="InvalidOperationException">What went wrong is inside; the message says how to make the input again.</exception>
    public void Run(long input)
    {
        try
        {
            var random = new FuzzRandom(seed, input);
            switch ((input / 2) % 4)
            {
                case 0:
                    RunFrames(ref random);
                    break;
                case 1:
                    RunLinesAndTokens(ref random);
                    break;
                case 2:
                    _body.Set(_mutator.Make(ref random, FuzzSeeds.Streams, isStream: true));
                    RunMiddle(ref random);
                    break;
                default:
                    RunMiddleOfFramed(ref random);
                    break;
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Input {input} of seed {seed}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _middle.Dispose();
        _framed.Dispose();
        _whole.Dispose();
        _cut.Dispose();
        _body.Dispose();
    }

    private static StopSequences StopsOf(params string[] stops) =>
        StopSequences.TryCreate(stops, out var sequences, out var problem) ? sequences : throw new ArgumentException(problem);

    private void RunFrames(ref FuzzRandom random)
    {
        _body.Set(_mutator.Make(ref random, FuzzSeeds.Streams, isStream: true));
        var maxPayloadLength = random.OneIn(8) ? random.Below(1000) : FrameDecoder.MaxPayloadLength;
        var whole = ReadFrames(maxPayloadLength);
        _body.Cut(ref random);
        Assert.Equal(whole, ReadFrames(maxPayloadLength));
    }

    private (int Frames, int Hash, FrameError Error) ReadFrames(int maxPayloadLength)
    {
        var decoder = new FrameDecoder(maxPayloadLength);
        var hash = default(HashCode);
        var frames = 0;
        _framed.Clear();
        while (_body.TryTake(out var piece))
        {
            _framed.Append(piece);
            OperationStatus status;
            while ((status = decoder.Read(_framed.Unread, out var frame, out var consumed)) == OperationStatus.Done)
            {
                Assert.InRange(consumed, 1, _framed.Length);
                hash.Add(frame.Kind);
                hash.AddBytes(frame.EventType);
                hash.AddBytes(frame.ExceptionType);
                hash.AddBytes(frame.ErrorCode);
                hash.AddBytes(frame.ErrorMessage);
                hash.AddBytes(frame.Payload);
                _framed.Consume(consumed);
                frames++;
            }

            Assert.Equal(decoder.Error == FrameError.None, status == OperationStatus.NeedMoreData);
            if (status == OperationStatus.InvalidData)
            {
                return (frames, hash.ToHashCode(), decoder.Error);
            }

            Assert.True(decoder.RequiredLength > _framed.Length, "A whole frame is there and was not read.");
        }

        decoder.End(_framed.Unread);
        return (frames, hash.ToHashCode(), decoder.Error);
    }

    private void RunLinesAndTokens(ref FuzzRandom random)
    {
        _body.Set(_mutator.Make(ref random, FuzzSeeds.Bodies, isStream: false));
        var maxLineLength = random.OneIn(8) ? random.Below(1000) : LineReader.DefaultMaxLineLength;
        var dialect = Rules[random.Below(Rules.Length)].Dialect;
        var whole = ReadLinesAndTokens(maxLineLength, dialect);
        _body.Cut(ref random);
        Assert.Equal(whole, ReadLinesAndTokens(maxLineLength, dialect));
    }

    private (int Lines, int Hash, bool IsTooLong) ReadLinesAndTokens(int maxLineLength, Dialect dialect)
    {
        using var lines = new LineReader(maxLineLength);
        using var tokens = new TokenReader(dialect);
        var hash = default(HashCode);
        var count = 0;
        while (_body.TryTake(out var piece))
        {
            // Each line takes a line end, so there are at most as many as bytes.
            OperationStatus status;
            var mostLines = count + piece.Length;
            while ((status = lines.Read(ref piece, out var line)) == OperationStatus.Done)
            {
                Assert.True(++count <= mostLines, "A line was read without a byte.");
                Assert.InRange(line.Length, 0, maxLineLength);
                Add(ref hash, tokens.Read(line));
            }

            if (status == OperationStatus.InvalidData)
            {
                // How much of a line that is too long was seen before is not promised.
                return (count, hash.ToHashCode(), true);
            }
        }

        if (lines.TryReadLast(out var last))
        {
            Add(ref hash, tokens.Read(last));
        }

        return (count, hash.ToHashCode(), false);
    }

    private static void Add(ref HashCode hash, in Token token)
    {
        hash.Add(token.Kind);
        hash.Add(token.Id);
        hash.Add(token.Count);
        hash.Add(token.IsLast);
        hash.Add(token.IsSpecial);
        hash.Add(token.FinishReason);
        hash.Add(token.GeneratedTokens);
        hash.AddBytes(token.Text);
        hash.AddBytes(token.Reasoning);
        hash.AddBytes(token.Logprob);
        hash.AddBytes(token.ErrorMessage);
        foreach (var top in token.TopTokens)
        {
            hash.AddBytes(top.Text);
            hash.AddBytes(top.Logprob);
        }

        foreach (var piece in token.ToolCalls)
        {
            hash.Add(piece.Index);
            hash.AddBytes(piece.Name);
            hash.AddBytes(piece.Arguments);
        }
    }

    private void RunMiddle(ref FuzzRandom random)
    {
        var format = Formats[random.Below(Formats.Length)];
        var rules = Rules[random.Below(Rules.Length)];
        var whole = _middle.Run(_body, format, rules, _whole);
        FuzzMiddle.Verify(format, _whole.Unread);
        _body.Cut(ref random);
        AssertSame(whole, _middle.Run(_body, format, rules, _cut));
    }

    /// <summary>A body that SageMaker frames as it likes: in one frame first, then in frames and reads of other lengths.</summary>
    private void RunMiddleOfFramed(ref FuzzRandom random)
    {
        var payload = _mutator.Make(ref random, FuzzSeeds.Bodies, isStream: false);
        var format = Formats[random.Below(Formats.Length)];
        var rules = Rules[random.Below(Rules.Length)];
        _framed.Clear();
        FuzzSeeds.Frame(_framed, payload);
        _body.Set(_framed.Unread);
        var whole = _middle.Run(_body, format, rules, _whole);
        FuzzMiddle.Verify(format, _whole.Unread);

        _framed.Clear();
        while (!payload.IsEmpty)
        {
            var length = 1 + random.Below(Math.Min(payload.Length, 400));
            FuzzSeeds.Frame(_framed, payload[..length]);
            payload = payload[length..];
        }

        _body.Set(_framed.Unread);
        _body.Cut(ref random);
        AssertSame(whole, _middle.Run(_body, format, rules, _cut));
    }

    private void AssertSame(Ending? whole, Ending? cut)
    {
        Assert.Equal(whole, cut);
        var name = whole?.ToString() ?? "Success";
        Endings[name] = Endings.GetValueOrDefault(name) + 1;
        if (!_whole.Unread.SequenceEqual(_cut.Unread))
        {
            Assert.Equal(System.Text.Encoding.UTF8.GetString(_whole.Unread), System.Text.Encoding.UTF8.GetString(_cut.Unread));
        }
    }
}
