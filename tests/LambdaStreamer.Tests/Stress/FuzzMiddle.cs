using System.Text.Json;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.Stress;

/// <summary>Everything between a read from the endpoint and a write to the client, as the relay runs it; one clock for all.</summary>
internal sealed class FuzzMiddle : IDisposable
{
    private static readonly SageMakerOptions Patient = new()
    {
        Endpoint = new Uri("http://localhost"),
        Region = "us-east-1",
        FirstTokenTimeout = TimeSpan.FromDays(10),
        IdleTimeout = TimeSpan.FromDays(10),
    };

    private readonly WaitClock _clock = new(TimeProvider.System, Patient, deadline: null);

    public Ending? Run(FuzzBody body, MediaType format, AnswerRules rules, ByteBuffer output)
    {
        output.Clear();
        using var parts = new PayloadPartReader(new EndpointResponse(new HttpResponseMessage(), body, _clock, retries: 0));
        using var answer = Answer.Create(format, includeDetails: true);
        using var drain = new TokenDrain(answer, rules, onUnknown: null);
        RelayError? error = null;
        var isAtEnd = false;
        while (!isAtEnd && error is null && !drain.IsEndedHere)
        {
            var read = parts.ReadAsync(CancellationToken.None);
            isAtEnd = !(read.IsCompletedSuccessfully ? read.Result : throw new InvalidOperationException("A read from memory waited."));
            error = isAtEnd ? drain.End(parts, output) : drain.Drain(parts, output, room: int.MaxValue);
        }

        error = drain.Conclude(error, output);
        if (error is null)
        {
            answer.WriteEnd(drain.Usage, output);
        }
        else
        {
            answer.WriteError(error, output);
        }

        return error?.Ending;
    }

    /// <summary>Whatever a container writes, what a client gets in a JSON format is JSON in events or lines.</summary>
    /// <exception cref="JsonException">It is not.</exception>
    public static void Verify(MediaType format, ReadOnlySpan<byte> answer)
    {
        switch (format)
        {
            case MediaType.Json:
                VerifyJson(answer);
                break;
            case MediaType.Ndjson:
                foreach (var line in answer.Split("\n"u8))
                {
                    VerifyJson(answer[line]);
                }

                break;
            case MediaType.EventStream:
                foreach (var range in answer.Split("\n\n"u8))
                {
                    var data = answer[range];
                    Assert.True(data.IsEmpty || data.StartsWith("data: "u8), "An event is not one data line.");
                    VerifyJson(data.IsEmpty ? data : data["data: "u8.Length..]);
                }

                break;
        }
    }

    public void Dispose() => _clock.Dispose();

    private static void VerifyJson(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return;
        }

        Assert.True(System.Text.Unicode.Utf8.IsValid(json), "An answer in JSON is not UTF-8.");
        Assert.False(json.Contains((byte)'\n'), "JSON of several lines.");
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
        }
    }
}
