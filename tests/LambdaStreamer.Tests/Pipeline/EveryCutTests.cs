using System.Text;
using System.Text.Json;
using LambdaStreamer.LocalHost.EventStream;
using LambdaStreamer.Relay;
using LambdaStreamer.Responses;

namespace LambdaStreamer.Tests.Pipeline;

/// <summary>
/// From the endpoint's bytes to the client's, through every stage at once: where the payload was cut into parts and the parts into reads
/// must not show in any format.
/// </summary>
public class EveryCutTests
{
    public static MatrixTheoryData<string, MediaType> GenerateInEveryFormat => new(
        Transcripts.Bodies.Select(static row => row.Data), Enum.GetValues<MediaType>());

    [Theory]
    [MemberData(nameof(GenerateInEveryFormat))]
    public void PayloadCutIntoPartsAnywhere_GivesOneAnswer(string file, MediaType format)
    {
        var payload = Transcripts.Read(file);
        var whole = Middle.Run([Frames([payload])], format);
        AssertIsAnswer(file, format, whole);
        foreach (var parts in Cuts.Of(payload))
        {
            Assert.Equal(whole, Middle.Run([Frames(parts)], format));
        }
    }

    [Theory]
    [MemberData(nameof(GenerateInEveryFormat))]
    public void StreamCutIntoReadsAnywhere_GivesOneAnswer(string file, MediaType format)
    {
        // Parts of 100 bytes cut events and characters, as those of the service do.
        var stream = Frames(Transcripts.Read(file).Chunk(100));
        var whole = Middle.Run([stream], format);
        AssertIsAnswer(file, format, whole);
        foreach (var reads in Cuts.Of(stream))
        {
            Assert.Equal(whole, Middle.Run(reads, format));
        }
    }

    [Theory]
    [InlineData("20-parts-split-utf8.eventstream", null)]
    [InlineData("21-parts-then-model-stream-error.eventstream", Ending.ModelStreamError)]
    [InlineData("22-internal-stream-failure.eventstream", Ending.InternalStreamFailure)]
    [InlineData("23-unmodeled-error.eventstream", Ending.UnmodelledError)]
    [InlineData("24-truncated.eventstream", Ending.FrameTruncated)]
    [InlineData("25-bad-crc.eventstream", Ending.FrameInvalid)]
    public void RecordedStreamCutIntoReadsAnywhere_GivesAllTextBeforeItsError(string file, Ending? error)
    {
        foreach (var reads in Cuts.Of(Transcripts.Read(file)))
        {
            var outcome = Middle.Run(reads, MediaType.Text);
            Assert.Equal(Transcripts.Text(file), outcome.Tokens);
            Assert.Equal(error, outcome.Error);
        }
    }

    [Theory]
    [InlineData("{\"outputs\": [\"Deep\"]}\n", null)]
    [InlineData("{\"outputs\": [\"Deep\"]}\n{\"outputs\": [\" lear", Ending.ModelEndMissing)]
    [InlineData("data: {\"token\":{\"id\":1,\"text\":\"Deep\"}}\n\nda", Ending.ModelEndMissing)]
    [InlineData("{\"completion\":\"Deep\"}\ndata: [DONE]\n\n", Ending.ModelDialectUnknown)]
    [InlineData("", Ending.ModelEndMissing)]
    public void BodyThatEndsProperlyButInMidAnswer_IsNoSuccess(string body, Ending? error) =>
        Assert.Equal(error, Middle.Run([Frames([Encoding.UTF8.GetBytes(body)])], MediaType.Text).Error);

    [Fact]
    public void Tgi2Stream_ComesOutAsTheContainerWroteItWithoutKeepAlives()
    {
        var payload = Transcripts.Read("03-tgi-2.4.0-generate-keepalive-stop.sse");
        Assert.Equal(
            Encoding.UTF8.GetString(payload).Replace(":\n\n", ""),
            Middle.Run([Frames([payload])], MediaType.EventStream).Answer);
    }

    private static byte[] Frames(IEnumerable<byte[]> parts)
    {
        using var stream = new ByteBuffer();
        foreach (var part in parts)
        {
            FrameEncoder.WriteEvent(stream, "PayloadPart"u8, "application/octet-stream"u8, part);
        }

        return stream.Unread.ToArray();
    }

    private static void AssertIsAnswer(string file, MediaType format, Middle.Outcome outcome)
    {
        var expected = Transcripts.Entry(file).GetProperty("expected");
        Ending? error = expected.TryGetProperty("error", out _) ? Ending.ModelError
            : expected.TryGetProperty("complete", out _) || expected.TryGetProperty("endedByBody", out _) ? null
            : Ending.ModelEndMissing;
        Assert.Equal(error, outcome.Error);
        if (format != MediaType.Json)
        {
            Assert.Equal(Transcripts.Text(file), TextOf(format, outcome.Tokens));
            if (format == MediaType.EventStream && error is null)
            {
                using var last = JsonDocument.Parse(outcome.Answer.Split("data: ")[^1]);
                Assert.Equal(Transcripts.Text(file), last.RootElement.GetProperty("generated_text").GetString());
            }
        }
        else if (error is null)
        {
            using var answer = JsonDocument.Parse(outcome.Answer);
            Assert.Equal(Transcripts.Text(file), answer.RootElement[0].GetProperty("generated_text").GetString());
        }
        else
        {
            // A buffered answer that broke is an error and nothing else.
            Assert.StartsWith("{\"error\":", outcome.Answer);
        }
    }

    /// <summary>What a client of the format shows: the text of all tokens that are not special.</summary>
    private static string TextOf(MediaType format, string tokens)
    {
        if (format == MediaType.Text)
        {
            return tokens;
        }

        var text = new StringBuilder();
        foreach (var line in tokens.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(format == MediaType.EventStream ? line["data: ".Length..] : line);
            var token = format == MediaType.EventStream ? json.RootElement.GetProperty("token") : json.RootElement;
            text.Append(token.GetProperty("special").GetBoolean() ? "" : token.GetProperty("text").GetString());
        }

        return text.ToString();
    }
}
