using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class ClockSkewTests
{
    private const string AnHourAhead = "Fri, 02 Jan 2026 04:04:05 GMT";
    private const string ThreeMinutesAhead = "Fri, 02 Jan 2026 03:07:05 GMT";

    [Theory]
    [InlineData("InvalidSignatureException")]
    [InlineData("RequestTimeTooSkewed")]
    [InlineData("SignatureDoesNotMatch")]
    public async Task RefusedForTheHour_IsSignedAnewAtOnceAndRemembered(string code)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.InvokeAsync();
        var connection = await server.AcceptedAsync();
        Assert.Equal("20260102T030405Z", EndpointRequestTests.Headers(await connection.ReadRequestAsync())["x-amz-date"]);
        await connection.WriteAsync(Refusal(code, AnHourAhead));
        Assert.Equal("20260102T040405Z", EndpointRequestTests.Headers(await connection.ReadRequestAsync())["x-amz-date"]);
        await connection.WriteAsync(Caller.WholeStream);
        using (var response = await call)
        {
            Assert.Equal(1, response.Retries);
            await Caller.ReadToEndAsync(response);
        }

        caller.Clock.Advance(TimeSpan.FromMinutes(1));
        call = caller.InvokeAsync();
        Assert.Equal("20260102T040505Z", EndpointRequestTests.Headers(await connection.ReadRequestAsync())["x-amz-date"]);
        await connection.WriteAsync(Caller.WholeStream);
        using var next = await call;
        Assert.Equal(0, next.Retries);
    }

    [Fact]
    public async Task StillRefusedAfterTheCorrection_IsReported()
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        var connection = await server.AnswerAsync(Refusal("InvalidSignatureException", AnHourAhead));
        await connection.ReadRequestAsync();
        await connection.WriteAsync(Refusal("InvalidSignatureException", "Fri, 02 Jan 2026 05:04:05 GMT"));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.AccessDenied, 1), (failure.Kind, failure.Retries));
    }

    [Theory]
    [InlineData("InvalidSignatureException", ThreeMinutesAhead)]
    [InlineData("AccessDeniedException", AnHourAhead)]
    public async Task RefusedForAnotherReason_IsReported(string code, string date)
    {
        await using var server = new ScriptedServer();
        using var caller = new Caller(server);
        var call = caller.FailureAsync();
        await server.AnswerAsync(Refusal(code, date));
        var failure = await call;
        Assert.Equal((SageMakerFailureKind.AccessDenied, code, 0), (failure.Kind, failure.ErrorCode, failure.Retries));
    }

    private static string Refusal(string code, string date) =>
        $"HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nx-amzn-errortype: {code}\r\nContent-Length: 2\r\n\r\n{{}}";
}
