using Amazon.Runtime.EventStreams;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Benchmarks;

/// <summary>What SageMaker sends: payload parts in frames that AWSSDK.Core encoded, and how many of them one read brings.</summary>
internal static class FrameBody
{
    public static byte[][] Create(byte[][] parts, int framesPerRead) =>
        [.. parts.Select(Frame).Chunk(framesPerRead).Select(static frames => frames.SelectMany(static frame => frame).ToArray())];

    /// <summary>The same as an answer that the SageMaker client hands out, clocks included.</summary>
    public static EndpointResponse Respond(byte[][] reads)
    {
        var options = new SageMakerOptions { Endpoint = new Uri("http://localhost"), Region = "us-east-1" };
        return new EndpointResponse(
            new HttpResponseMessage(), new PartStream(reads), new WaitClock(TimeProvider.System, options, deadline: null), retries: 0);
    }

    private static byte[] Frame(byte[] part) => new EventStreamMessage(
        [Header(":message-type", "event"), Header(":event-type", "PayloadPart"), Header(":content-type", "application/octet-stream")],
        part).ToByteArray();

    private static EventStreamHeader Header(string name, string value)
    {
        var header = new EventStreamHeader(name);
        header.SetString(value);
        return header;
    }
}
