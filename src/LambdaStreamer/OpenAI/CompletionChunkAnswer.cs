using System.Buffers;
using LambdaStreamer.Tokens;

namespace LambdaStreamer.OpenAI;

/// <summary>The stream of <c>text_completion</c> chunks: a <c>text</c> for each token that shows any.</summary>
internal sealed class CompletionChunkAnswer(AnswerHead head) : ChunkAnswer(head, head.Prefix("cmpl-", "text_completion"))
{
    private readonly CompletionLogprobs? _logprobs = head.TopLogprobs is null ? null : new CompletionLogprobs(head);

    public override int HeldLength => _logprobs?.HeldLength ?? 0;

    public override void WriteToken(in Token token, IBufferWriter<byte> output)
    {
        _logprobs?.Add(token);
        if (token.IsSpecial || token.Text.IsEmpty)
        {
            return;
        }

        var json = BeginChunk(output);
        json.WriteString("text"u8, token.Text);
        EndChunk(json, _logprobs, finishReason: default, output);
    }

    public override void Dispose()
    {
        base.Dispose();
        _logprobs?.Dispose();
    }

    protected override void WriteFinish(in Usage usage, IBufferWriter<byte> output)
    {
        var json = BeginChunk(output);
        json.WriteString("text"u8, ""u8);
        EndChunk(json, logprobs: null, FinishReasons.Word(usage.FinishReason, calledTools: false), output);
    }
}
