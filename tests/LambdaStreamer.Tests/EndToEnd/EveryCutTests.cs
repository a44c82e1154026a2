using System.Net;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>The native binary against every way in which an answer can be cut, over real sockets.</summary>
public class EveryCutTests
{
    private const string Request = """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":256},"stream":true}""";

    public static TheoryData<string> Generate => Transcripts.Generate;

    public static TheoryData<string> EventStreams => Transcripts.EventStreams;

    [Theory]
    [MemberData(nameof(Generate))]
    public async Task PayloadCutIntoParts_GivesTheManifestsText(string file) =>
        await RelayEachAsync(file, Cuts.Of(Transcripts.Read(file)).Select(static parts => new[] { Parts.Of(parts) }));

    [Theory]
    [MemberData(nameof(Generate))]
    public async Task FramesCutIntoReads_GiveTheManifestsText(string file) =>
        await RelayEachAsync(file, Cuts.Of(Parts.OfTranscript(file)));

    [Theory]
    [MemberData(nameof(EventStreams))]
    public async Task EventStreamCutIntoReads_GivesTheManifestsTextAndEnding(string file) =>
        await RelayEachAsync(file, Cuts.Of(Transcripts.Read(file)));

    private static async Task RelayEachAsync(string file, IEnumerable<byte[][]> answers)
    {
        byte[][] reads = [];
        FunctionUnderTest? function = null;
        await using var sageMaker = new ScriptedSageMaker(async exchange =>
        {
            await exchange.SendHeadAsync();
            foreach (var read in reads)
            {
                await exchange.SendAsync(read);
                if (reads.Length > 1)
                {
                    await function!.WaitUntilIdleAsync(exchange.Stopped);
                }
            }

            await exchange.EndAsync();
        });
        await using var started = function = await FunctionUnderTest.StartAsync(sageMaker.Url);
        var expectedText = Transcripts.Text(file);
        var isComplete = !Transcripts.Entry(file).TryGetProperty("error", out _) && !Transcripts.Entry(file).TryGetProperty("exception", out _)
            && file is not ("24-truncated.eventstream" or "25-bad-crc.eventstream");
        foreach (var answer in answers)
        {
            reads = answer;
            using var response = await function.PostAsync(Request);
            var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
            if (isComplete)
            {
                Assert.Equal((HttpStatusCode.OK, expectedText, false), (response.StatusCode, text, isCut));
            }
            else if (expectedText.Length == 0)
            {
                // Failed before the first token: a real status and a whole JSON body.
                Assert.True(response.StatusCode >= HttpStatusCode.BadRequest, text);
                Assert.StartsWith("{\"error\":\"", text);
                Assert.False(isCut);
            }
            else
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.StartsWith($"{expectedText}\n[error: ", text);
                Assert.True(isCut);
            }
        }

        Assert.Empty(function.Lambda.Violations);
    }
}
