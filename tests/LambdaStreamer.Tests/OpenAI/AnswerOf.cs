using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.Tests.Pipeline;
using LambdaStreamer.Text;

namespace LambdaStreamer.Tests.OpenAI;

/// <summary>A container's body through the whole middle into one of OpenAI's forms.</summary>
internal static class AnswerOf
{
    public static AnswerHead Head { get; } = new() { RequestId = "r-1", Created = 1700000000, Model = "m" };

    public static string Run(string transcript, string form, AnswerHead? head = null, params string[] stops) =>
        Run([Frames([Transcripts.Read(transcript)])], form, head ?? Head, stops).Answer;

    public static Middle.Outcome Run(IEnumerable<byte[]> reads, string form, AnswerHead head, params string[] stops)
    {
        Assert.True(StopSequences.TryCreate(stops, out var sequences, out _));
        using var answer = Create(form, head);
        return Middle.Run(reads, answer, new AnswerRules { Stops = sequences });
    }

    public static Answer Create(string form, AnswerHead head) => form switch
    {
        "chat stream" => new ChatChunkAnswer(head),
        "chat" => new ChatAnswer(head),
        "completion stream" => new CompletionChunkAnswer(head),
        _ => new CompletionAnswer(head),
    };

    public static byte[] Frames(IEnumerable<byte[]> parts)
    {
        using var stream = new ByteBuffer();
        foreach (var part in parts)
        {
            FrameEncoder.WriteEvent(stream, "PayloadPart"u8, "application/octet-stream"u8, part);
        }

        return stream.Unread.ToArray();
    }
}
