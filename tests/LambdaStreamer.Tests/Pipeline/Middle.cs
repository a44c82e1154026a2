using System.Text;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.Pipeline;

/// <summary>Everything between a read from the endpoint and a write to the client, run as the relay runs it.</summary>
internal static class Middle
{
    /// <summary>The payload parts of a body whose reads bring <paramref name="pieces"/>, none of them empty.</summary>
    public static PayloadPartReader Parts(IEnumerable<byte[]> pieces)
    {
        var options = new SageMakerOptions { Endpoint = new Uri("http://localhost"), Region = "us-east-1" };
        var clock = new WaitClock(TimeProvider.System, options, deadline: null);
        return new PayloadPartReader(new EndpointResponse(new HttpResponseMessage(), new ReadsStream(pieces), clock, retries: 0));
    }

    /// <summary>One read, which memory answers at once. False: the body ended.</summary>
    public static bool Read(PayloadPartReader parts)
    {
        var read = parts.ReadAsync(TestContext.Current.CancellationToken);
        return read.IsCompletedSuccessfully ? read.Result : throw new InvalidOperationException("A read from memory waited.");
    }

    public static Outcome Run(IEnumerable<byte[]> pieces, MediaType format, AnswerRules? rules = null, int room = int.MaxValue)
    {
        using var answer = Answer.Create(format, includeDetails: true);
        return Run(pieces, answer, rules, room);
    }

    public static Outcome Run(IEnumerable<byte[]> pieces, Answer answer, AnswerRules? rules = null, int room = int.MaxValue)
    {
        using var parts = Parts(pieces);
        using var drain = new TokenDrain(answer, rules ?? new AnswerRules(), onUnknown: null);
        using var output = new ByteBuffer();
        RelayError? error = null;
        var isAtEnd = false;
        while (!isAtEnd && error is null && !drain.IsEndedHere)
        {
            isAtEnd = !Read(parts);
            error = isAtEnd ? drain.End(parts, output) : drain.Drain(parts, output, room);
        }

        error = drain.Conclude(error, output);
        var tokens = Encoding.UTF8.GetString(output.Unread);
        if (error is null)
        {
            answer.WriteEnd(drain.Usage, output);
        }
        else
        {
            answer.WriteError(error, output);
        }

        return new Outcome(tokens, Encoding.UTF8.GetString(output.Unread), error?.Ending);
    }

    /// <param name="Tokens">What was written for the tokens alone.</param>
    /// <param name="Answer">All of it, the end or the error included.</param>
    /// <param name="Error">What ended the stream, if it was not complete.</param>
    internal sealed record Outcome(string Tokens, string Answer, Ending? Error);
}
