using LambdaStreamer.LocalHost.CommandLine;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.EndToEnd;

/// <summary>A function whose keys are wrong, against a SageMaker that checks signatures.</summary>
public class SignatureTests
{
    [Fact]
    public async Task WrongSecret_IsRefusedAndTheCallerAndTheLogAreToldWhy()
    {
        await using var sageMaker = await SageMakerTwin.StartAsync(
            new SageMakerTwinOptions
            {
                AccessKeyId = RunningHost.AccessKeyId,
                SecretAccessKey = RunningHost.SecretAccessKey,
                DefaultModelId = HostOptions.DefaultModelId,
            },
            TestContext.Current.CancellationToken);
        await using var function = await FunctionUnderTest.StartAsync(
            sageMaker.Url.ToString(), ("AWS_ACCESS_KEY_ID", RunningHost.AccessKeyId), ("AWS_SECRET_ACCESS_KEY", "not-the-secret"));
        using var response = await function.PostAsync("""{"inputs":"hi","stream":true}""");

        var request = Assert.Single(sageMaker.Requests);
        Assert.Equal("InvalidSignatureException", request.Signature.ErrorType);
        Assert.Equal(InvocationEnd.Refused, await request.End.WaitAsync(Tool.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(502, (int)response.StatusCode);
        var (text, isCut) = await FunctionUnderTest.ReadToEndAsync(response);
        Assert.StartsWith("""{"error":"This function may not call its endpoint.",""", text, StringComparison.Ordinal);
        Assert.False(isCut);
        var isLogged = SpinWait.SpinUntil(
            () => function.Log.Contains("InvalidSignatureException", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        Assert.True(isLogged, function.Log);
    }
}
