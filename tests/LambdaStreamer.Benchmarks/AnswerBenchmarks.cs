using BenchmarkDotNet.Attributes;
using LambdaStreamer.Responses;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.Benchmarks;

/// <summary>What writing one token costs in each format, in an answer of 1,000; the answer and its buffers included.</summary>
[MemoryDiagnoser]
public class AnswerBenchmarks
{
    private byte[] _line = [];

    [ParamsAllValues]
    public MediaType Format { get; set; }

    [GlobalSetup]
    public void CreateLine() => _line = TokenEvents.Create()[1][..^2];

    [Benchmark(OperationsPerInvoke = TokenEvents.Count)]
    public int WriteToken()
    {
        using var answer = Answer.Create(Format, includeDetails: false);
        using var tokens = new TokenReader();
        using var output = new ByteBuffer();
        var token = tokens.Read(_line);
        var length = 0;
        for (var count = 0; count < TokenEvents.Count; count++)
        {
            // Each token leaves with the read that brought it.
            answer.WriteToken(token, output);
            length += output.Length;
            output.Clear();
        }

        answer.WriteEnd(default, output);
        return length + output.Length;
    }
}
