using System.Text.Encodings.Web;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Benchmarks;

/// <summary>
/// What one token costs from the bytes of a read to the answer's bytes, in an answer of 1,000, without any I/O: this project's stages, and
/// AWSSDK.Core's decoder with the framework's reader and serializer. Both give the same bytes.
/// </summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private readonly TgiJson _json = new(
        new JsonSerializerOptions(TgiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly byte[] _answer = new byte[256 * 1024];
    private byte[][] _reads = [];

    [Params(MediaType.Text, MediaType.EventStream)]
    public MediaType Format { get; set; }

    /// <summary>One token a read is a model at its own pace; more is a burst behind a slow client.</summary>
    [Params(1, 100)]
    public int FramesPerRead { get; set; }

    [GlobalSetup]
    public void CreateReads()
    {
        _reads = FrameBody.Create(TokenEvents.Create(), FramesPerRead);
        var expected = _answer.AsSpan(0, (int)SdkAndJsonSerializer()).ToArray();
        if (!_answer.AsSpan(0, (int)FrameDecoderToAnswer()).SequenceEqual(expected))
        {
            throw new InvalidOperationException("The two give different answers.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = TokenEvents.Count)]
    public long FrameDecoderToAnswer()
    {
        var client = new MemoryStream(_answer);
        using var output = new ByteBuffer();
        using var parts = new PayloadPartReader(FrameBody.Respond(_reads));
        using var answer = Answer.Create(Format, includeDetails: false);
        using var drain = new TokenDrain(answer, new AnswerRules(), onUnknown: null);
        while (Read(parts))
        {
            Demand(drain.Drain(parts, output, room: int.MaxValue));
            client.Write(output.Unread);
            output.Clear();
        }

        Demand(drain.End(parts, output));
        answer.WriteEnd(drain.Usage, output);
        client.Write(output.Unread);
        return client.Position;
    }

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public long SdkAndJsonSerializer()
    {
        var client = new MemoryStream(_answer);
        using var reader = new StreamReader(new SdkPartStream(_reads));
        using var writer = new StreamWriter(client);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal))
            {
                continue;
            }

            var tokenEvent = JsonSerializer.Deserialize(line.AsSpan("data:".Length), _json.TgiEvent)!;
            if (Format == MediaType.EventStream)
            {
                writer.Write("data: ");
                writer.Write(JsonSerializer.Serialize(tokenEvent, _json.TgiEvent));
                writer.Write("\n\n");
            }
            else if (!tokenEvent.Token.Special)
            {
                writer.Write(tokenEvent.Token.Text);
            }

            // What is not flushed waits for the next token.
            writer.Flush();
        }

        return client.Position;
    }

    private static bool Read(PayloadPartReader parts)
    {
        var read = parts.ReadAsync(CancellationToken.None);
        return read.IsCompletedSuccessfully ? read.Result : throw new InvalidOperationException("A read from memory waited.");
    }

    private static void Demand(RelayError? error)
    {
        if (error is not null)
        {
            throw new InvalidOperationException(error.Message);
        }
    }
}
