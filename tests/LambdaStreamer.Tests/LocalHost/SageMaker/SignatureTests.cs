using System.Globalization;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

public class SignatureTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-22T12:00:00Z", CultureInfo.InvariantCulture);

    private static TwinCall Call { get; } =
        TwinCall.Json("""{"inputs":"Hi","parameters":{"max_new_tokens":1},"stream":true}""") with { SignedAt = Noon };

    [Fact]
    public async Task GoodSignature_IsAcceptedAndRecorded()
    {
        Assert.Equal(200, (await RespondAsync(Call, 200, null)).Status);
    }

    [Fact]
    public Task NoSignature_IsMissingAuthentication() =>
        RespondAsync(Call with { IsSigned = false }, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");

    [Fact]
    public Task WrongSecret_IsInvalid() =>
        RespondAsync(
            Call with { SignedWith = "wrong" },
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. ");

    [Fact]
    public Task BodyChangedOnTheWay_IsInvalid() =>
        RespondAsync(
            Call with { SwappedBody = Call.Body.ToArray()[..^1] },
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. ");

    [Fact]
    public Task UnknownKey_IsUnrecognized() =>
        RespondAsync(
            Call with { KeyId = "AKIDOTHER" },
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.");

    [Fact]
    public Task WrongSessionToken_IsUnrecognized() =>
        RespondAsync(
            Call with { Token = "other" }, 403, "UnrecognizedClientException", "The security token included in the request is invalid.");

    [Fact]
    public Task NoSessionToken_IsUnrecognized() =>
        RespondAsync(
            Call with { Token = null }, 403, "UnrecognizedClientException", "The security token included in the request is invalid.");

    [Fact]
    public Task WrongRegion_IsInvalid() =>
        RespondAsync(
            Call with { Region = "eu-west-1" }, 403, "InvalidSignatureException", "Credential should be scoped to a valid region. ");

    [Fact]
    public Task HostNameAsService_IsInvalid() =>
        RespondAsync(
            Call with { Service = "runtime.sagemaker" },
            403,
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'sagemaker'. ");

    [Fact]
    public Task SignedSixMinutesAgo_IsExpired() =>
        RespondAsync(
            Call with { SignedAt = Noon.AddMinutes(-6) },
            403,
            "InvalidSignatureException",
            "Signature expired: 20261122T115400Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)");

    [Fact]
    public Task SignedSixMinutesAhead_IsNotYetCurrent() =>
        RespondAsync(
            Call with { SignedAt = Noon.AddMinutes(6) },
            403,
            "InvalidSignatureException",
            "Signature not yet current: 20261122T120600Z is still later than 20261122T120500Z (20261122T120000Z + 5 min.)");

    [Fact]
    public Task SignedFourMinutesAgo_IsAccepted() => RespondAsync(Call with { SignedAt = Noon.AddMinutes(-4) }, 200, null);

    [Fact]
    public async Task ExpiredSessionToken_IsExpired()
    {
        await using var twin = await TwinCall.StartTwinAsync(
            options => options with { TimeProvider = new ManualTimeProvider(Noon), SessionTokenExpires = Noon });
        var response = await Call.SendAsync(twin);
        Assert.Equal(403, response.Status);
        Assert.Equal("ExpiredTokenException", response.Headers["x-amzn-errortype"]);
    }

    private static async Task<WireResponse> RespondAsync(TwinCall call, int status, string? errorType, string message = "")
    {
        await using var twin = await TwinCall.StartTwinAsync(options => options with { TimeProvider = new ManualTimeProvider(Noon) });
        var response = await call.SendAsync(twin);
        Assert.Equal(status, response.Status);
        Assert.Equal(errorType, response.Headers.GetValueOrDefault("x-amzn-errortype"));
        Assert.Equal(errorType, Assert.Single(twin.Requests).Signature.ErrorType);
        if (errorType is not null)
        {
            Assert.StartsWith(message, response.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        return response;
    }
}
