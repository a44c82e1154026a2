using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class SageMakerTwinTests
{
    private const string Blog = """{"inputs":"How do I build a website?","parameters":{"max_new_tokens":256},"stream":true}""";

    [Fact]
    public async Task Probe()
    {
        await using var twin = await SageMakerTwin.StartAsync(TwinCall.Options, TestContext.Current.CancellationToken);
        foreach (var model in ModelCatalogue.All)
        {
            var response = await (TwinCall.Json(Blog) with { Endpoint = model.Id }).SendAsync(twin);
            TestContext.Current.SendDiagnosticMessage("{0}", $"{model.Id} {response.Status} {response.Frames.Count} {response.PayloadText[..Math.Min(900, response.PayloadText.Length)]}\n...{response.PayloadText[^300..]}");
            Console.WriteLine($"{model.Id} {response.Status} {response.Frames.Count} {response.PayloadText[..Math.Min(900, response.PayloadText.Length)]}\n...{response.PayloadText[^300..]}");
        }
    }
}
