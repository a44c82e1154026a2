using System.Text;
using System.Text.Json;
using LambdaStreamer.SageMaker;

namespace LambdaStreamer.Tests.SageMaker;

public class ErrorReplyTests
{
    [Theory]
    [InlineData(400, "ValidationError", "{\"Message\":\"1 validation error detected\"}", SageMakerFailureKind.Validation)]
    [InlineData(400, "ValidationError:http://internal.amazon.com/coral/com.amazon.sagemaker/",
        "{\"message\":\"Endpoint my-endpoint of account 123456789012 not found.\"}", SageMakerFailureKind.NotFound)]
    [InlineData(400, "ValidationError", "{\"message\":\"Inference Component ic of account 123456789012 not found.\"}",
        SageMakerFailureKind.NotFound)]
    [InlineData(400, "ValidationError", "{\"message\":\"Session 0b1 not found.\"}", SageMakerFailureKind.Validation)]
    [InlineData(400, "ValidationError", "{\"message\":\"Variant blue not found for endpoint x.\"}", SageMakerFailureKind.Validation)]
    [InlineData(404, null, "{\"message\":\"Endpoint x not found.\"}", SageMakerFailureKind.NotFound)]
    [InlineData(400, "ValidationError",
        "{\"Message\":\"Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress\"}",
        SageMakerFailureKind.NoCapacity)]
    [InlineData(400, null, "{\"message\":null}", SageMakerFailureKind.Throttled)]
    [InlineData(400, null, "{\"message\": null }", SageMakerFailureKind.Throttled)]
    [InlineData(400, "ThrottlingException", "{\"message\":\"Rate exceeded\"}", SageMakerFailureKind.Throttled)]
    [InlineData(400, null, "{\"__type\":\"com.amazon.coral.availability#ThrottlingException\"}", SageMakerFailureKind.Throttled)]
    [InlineData(400, null, "{\"code\":\"TooManyRequestsException\"}", SageMakerFailureKind.Throttled)]
    [InlineData(429, null, "", SageMakerFailureKind.Throttled)]
    [InlineData(429, "ModelNotReadyException", "{\"Message\":\"not ready\"}", SageMakerFailureKind.ModelNotReady)]
    [InlineData(400, null, "{\"__type\":\"AccessDeniedException\",\"message\":\"not authorized\"}", SageMakerFailureKind.AccessDenied)]
    [InlineData(403, "AccessDeniedException", "{\"Message\":\"User is not authorized\"}", SageMakerFailureKind.AccessDenied)]
    [InlineData(403, "UnrecognizedClientException", "{}", SageMakerFailureKind.AccessDenied)]
    [InlineData(403, "InvalidSignatureException", "{}", SageMakerFailureKind.AccessDenied)]
    [InlineData(403, null, "<html>blocked</html>", SageMakerFailureKind.AccessDenied)]
    [InlineData(403, "ExpiredTokenException", "{\"message\":\"The security token included in the request is expired\"}",
        SageMakerFailureKind.ExpiredCredentials)]
    [InlineData(400, null, "{\"__type\":\"ExpiredTokenException\"}", SageMakerFailureKind.ExpiredCredentials)]
    [InlineData(404, "ResourceNotFound", "{}", SageMakerFailureKind.NotFound)]
    [InlineData(404, null, "no such page", SageMakerFailureKind.UnexpectedReply)]
    [InlineData(413, null, "{\"Message\":\"HTTP content length exceeded 5246976 bytes.\"}", SageMakerFailureKind.TooLarge)]
    [InlineData(424, null, "{}", SageMakerFailureKind.ModelError)]
    [InlineData(500, "InternalFailure", "{}", SageMakerFailureKind.InternalFailure)]
    [InlineData(500, null, "", SageMakerFailureKind.InternalFailure)]
    [InlineData(530, "InternalDependencyException", "{}", SageMakerFailureKind.InternalFailure)]
    [InlineData(502, null, "<html>", SageMakerFailureKind.ServiceUnavailable)]
    [InlineData(503, "ServiceUnavailable", "{}", SageMakerFailureKind.ServiceUnavailable)]
    [InlineData(504, null, "", SageMakerFailureKind.ServiceUnavailable)]
    [InlineData(400, null, "Bad Request", SageMakerFailureKind.UnexpectedReply)]
    [InlineData(302, null, "", SageMakerFailureKind.UnexpectedReply)]
    [InlineData(418, "TeapotException", "{\"message\":\"short and stout\"}", SageMakerFailureKind.Unknown)]
    public void StatusNameAndBody_NameTheFailure(int status, string? errorType, string body, SageMakerFailureKind expected)
    {
        var failure = ErrorReply.Parse(status, errorType, Encoding.UTF8.GetBytes(body));
        Assert.Equal((expected, SageMakerStage.Response, status), (failure.Kind, failure.Stage, failure.HttpStatus));
    }

    [Fact]
    public void ModelError_KeepsWhatTheContainerSaid()
    {
        var failure = ErrorReply.Parse(424, "ModelError", """
            {"ErrorCode":"CLIENT_ERROR_FROM_MODEL",
            "LogStreamArn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/e",
            "Message":"Received client error (422) from primary with message \"x\".",
            "OriginalMessage":"{\"error\":\"x\"}","OriginalStatusCode":422}
            """u8);
        Assert.Equal(SageMakerFailureKind.ModelError, failure.Kind);
        Assert.Equal("ModelError", failure.ErrorCode);
        Assert.Equal(422, failure.OriginalStatusCode);
        Assert.Equal("x", failure.OriginalMessage);
        Assert.Equal("Received client error (422) from primary with message \"x\".", failure.Message);
    }

    /// <summary>What must not be taken for anything but: too many requests, try again.</summary>
    [Theory]
    [InlineData(400, null, """{"message":null}""", SageMakerFailureKind.Throttled, null)]
    [InlineData(400, null, """{"Message":null}""", SageMakerFailureKind.Throttled, null)]
    [InlineData(400, "ThrottlingException", """{"message":null}""", SageMakerFailureKind.Throttled, null)]
    [InlineData(400, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/", """{"message":"Rate exceeded"}""",
        SageMakerFailureKind.Throttled, null)]
    [InlineData(400, null, """{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}""",
        SageMakerFailureKind.Throttled, null)]
    [InlineData(503, "ThrottlingException", "{}", SageMakerFailureKind.Throttled, null)]
    [InlineData(429, null, "<html>Too Many Requests</html>", SageMakerFailureKind.Throttled, null)]
    [InlineData(429, "ModelNotReadyException", """{"Message":"not ready"}""", SageMakerFailureKind.ModelNotReady, null)]
    [InlineData(424, "ModelError", """{"OriginalStatusCode":429,"Message":"x"}""", SageMakerFailureKind.ModelError, 429)]
    [InlineData(424, "ModelError", """{"OriginalStatusCode":"429"}""", SageMakerFailureKind.ModelError, 429)]
    [InlineData(424, "ModelError",
        """{"Message":"Received client error (429) from primary with message \"{\"error\":\"Model is overloaded\"}\". See https://x"}""",
        SageMakerFailureKind.ModelError, 429)]
    [InlineData(424, null, """{"message":"Received server error (503) from primary with message \"\". See https://x"}""",
        SageMakerFailureKind.ModelError, 503)]
    public void Throttling_IsKnownInEveryDisguise(int status, string? errorType, string body, SageMakerFailureKind kind, int? original)
    {
        var failure = ErrorReply.Parse(status, errorType, Encoding.UTF8.GetBytes(body));
        Assert.Equal((kind, original), (failure.Kind, failure.OriginalStatusCode));
        Assert.True(RetryPolicy.IsWorthwhile(failure));
        Assert.True(RetryPolicy.MayFallBack(failure));
        Assert.False(RetryPolicy.MayHaveRun(failure));
    }

    [Theory]
    [InlineData(400, "ValidationError", """{"Message":"Inference Component has no capacity to process this request."}""")]
    [InlineData(503, "ServiceUnavailable", """{"message":"Inference Component has no capacity to process this request."}""")]
    [InlineData(424, "ModelError", """{"Message":"Inference Component has no capacity to process this request."}""")]
    [InlineData(424, "ModelError", """{"OriginalStatusCode":503,"Message":"Inference Component has no capacity to process it."}""")]
    public void NoCapacity_IsKnownInEveryDisguise(int status, string errorType, string body)
    {
        var failure = ErrorReply.Parse(status, errorType, Encoding.UTF8.GetBytes(body));
        Assert.Equal(SageMakerFailureKind.NoCapacity, failure.Kind);
        Assert.False(RetryPolicy.IsWorthwhile(failure));
        Assert.True(RetryPolicy.MayFallBack(failure));
    }

    [Theory]
    [InlineData("""{"OriginalStatusCode":422,"OriginalMessage":"bad: the hall has no capacity"}""")]
    [InlineData("""{"OriginalStatusCode":500,"OriginalMessage":"bad: Inference Component has no capacity"}""")]
    [InlineData("""{"OriginalStatusCode":500,"Message":"Inference Component has no capacity to process this request."}""")]
    [InlineData("""{"Message":"Received server error (503) from primary with message \"the hall has no capacity\". See https://x"}""")]
    [InlineData("""{"Message":"with message \"Inference Component has no capacity\". See https://x"}""")]
    public void ContainerThatQuotesAPromptAboutCapacity_IsNotOutOfCapacity(string body) => Assert.Equal(
        SageMakerFailureKind.ModelError, ErrorReply.Parse(424, "ModelError", Encoding.UTF8.GetBytes(body)).Kind);

    [Theory]
    [InlineData(424, "{}", true)]
    [InlineData(424, """{"Message":"Inference Component has no capacity to process this request."}""", true)]
    [InlineData(500, """{"OriginalStatusCode":500}""", true)]
    [InlineData(503, """{"Message":"Received server error (503) from primary with message \"x\". See https://x"}""", true)]
    [InlineData(400, """{"Message":"Inference Component has no capacity to process this request."}""", false)]
    [InlineData(403, """{"Message":"User is not authorized"}""", false)]
    public void MessageThatMayQuoteAPrompt_SaysSo(int status, string body, bool expected) =>
        Assert.Equal(expected, ErrorReply.Parse(status, null, Encoding.UTF8.GetBytes(body)).MayQuotePrompt);

    [Theory]
    [InlineData("""{"error":"Input validation error: `inputs` cannot be empty","error_type":"validation"}""",
        "Input validation error: `inputs` cannot be empty")]
    [InlineData("""{"error":{"message":"Template error","http_status_code":422}}""", "Template error")]
    [InlineData("""{"code":400,"type":"BadRequestException","message":"Parameter model_name is required."}""",
        "Parameter model_name is required.")]
    [InlineData("""{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}""", "too long")]
    [InlineData("""{"timestamp":1,"status":400,"error":"Bad Request","message":"the reason"}""", "the reason")]
    [InlineData("""{"detail":"Not Found"}""", "Not Found")]
    [InlineData("""{"detail":[{"type":"missing","loc":["body","inputs"],"msg":"Field required"},{"msg":"other"}]}""", "Field required")]
    [InlineData("""{"code":424,"error":"prediction failure"}""", "prediction failure")]
    [InlineData("""{"error":"{\"message\":\"inner\"}"}""", "inner")]
    [InlineData("""{"error":"was cut","error_ty""", "was cut")]
    [InlineData(" {\n \"message\": \"first\\nsecond\" }", "first\nsecond")]
    [InlineData("plain words", "plain words")]
    [InlineData("""{"unknown":"form"}""", """{"unknown":"form"}""")]
    [InlineData("""{"error":null,"message":""}""", """{"error":null,"message":""}""")]
    [InlineData("""["list"]""", """["list"]""")]
    public void ContainersMessage_ComesOutOfItsJson(string said, string expected)
    {
        Assert.Equal(expected, ContainerReply.Unwrap(said));
        var reply = new { OriginalStatusCode = 422, OriginalMessage = said, Message = "m" };
        var failure = ErrorReply.Parse(424, "ModelError", JsonSerializer.SerializeToUtf8Bytes(reply));
        Assert.Equal(expected, failure.OriginalMessage);
    }

    [Fact]
    public void ContainersMessage_IsReadFromSageMakersWhereTheMemberIsMissing()
    {
        var failure = ErrorReply.Parse(424, "ModelError", """
            {"Message":"Received client error (422) from primary with message \"{\"error\":\"Say \\\"hi\\\"\"}\". See https://x. for more"}
            """u8);
        Assert.Equal((422, "Say \"hi\""), (failure.OriginalStatusCode, failure.OriginalMessage));
    }

    [Theory]
    [InlineData("The Canonical String for this request should have been\n'POST\nx-amz-security-token:", "")]
    [InlineData("the String-to-Sign should have been\n'", "The Canonical String for this request should have been\n'POST\n")]
    public void RefusedSignature_RepeatsNothingThatWasSigned(string begin, string middle)
    {
        const string Reason = "The request signature we calculated does not match the signature you provided.";
        const string SessionToken = "IQoJb3JpZ2luX2VjEJr";
        var reply = new { message = $"{Reason}\n\n{begin}{middle}{SessionToken}\n'" };
        var failure = ErrorReply.Parse(403, "InvalidSignatureException", JsonSerializer.SerializeToUtf8Bytes(reply));
        Assert.Equal((SageMakerFailureKind.AccessDenied, Reason), (failure.Kind, failure.Message));
        Assert.DoesNotContain(SessionToken, $"{failure} {failure.OriginalMessage}", StringComparison.Ordinal);
    }

    [Fact]
    public void HeaderName_WinsOverTheBodys()
    {
        Assert.Equal("ModelError", ErrorReply.Parse(424, "ModelError", "{\"__type\":\"Other\"}"u8).ErrorCode);
        Assert.Equal("Other", ErrorReply.Parse(424, null, "{\"code\":\"Third\",\"__type\":\"a.b#Other\"}"u8).ErrorCode);
    }

    [Fact]
    public void ForeignBody_IsQuotedEscapedAndCapped()
    {
        var failure = ErrorReply.Parse(502, null, Encoding.UTF8.GetBytes("<h1>\r\n\u00e9" + new string('x', 500)));
        const string Beginning = "HTTP 502 with a body that is not SageMaker's: <h1>\\x0d\\x0a\\xc3\\xa9xxx";
        Assert.StartsWith(Beginning, failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("x\u2026", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 200, 300);
    }

    [Fact]
    public void LongMessage_IsCappedOnOneLineWithoutHalfACharacter()
    {
        var message = string.Concat("a\\n\\u001b", new string('x', 996), "\\ud83d\\ude00 and more");
        var failure = ErrorReply.Parse(400, "ValidationError", Encoding.UTF8.GetBytes($"{{\"message\":\"{message}\"}}"));
        Assert.Equal(string.Concat("a  ", new string('x', 996), "\u2026"), failure.Message);
    }

    [Theory]
    [InlineData("{\"__type\":\"ThrottlingException\",\"message\":\"cut he")]
    [InlineData("{\"message\":\"\\ud800\",\"__type\":\"ThrottlingException\"}")]
    [InlineData("{\"__type\":\"ThrottlingException\",\"message\":{\"nested\":[1,2]}}")]
    [InlineData("{\"__type\":\"ThrottlingException\",\"OriginalStatusCode\":{\"a\":1},\"message\":1}")]
    public void BrokenBody_DoesNotThrow(string body) =>
        Assert.NotEqual(SageMakerFailureKind.ModelError, ErrorReply.Parse(400, null, Encoding.UTF8.GetBytes(body)).Kind);

    [Fact]
    public void FailureText_HasNothingOfTheMessage()
    {
        var failure = ErrorReply.Parse(424, "ModelError", "{\"Message\":\"prompt of a user\"}"u8) with { RequestId = "id-1" };
        var exception = new SageMakerException(failure);
        Assert.Equal("SageMaker call failed: ModelError at Response, HTTP 424, ModelError, request id-1", exception.Message);
    }
}
