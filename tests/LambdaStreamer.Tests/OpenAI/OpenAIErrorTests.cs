using System.Text;
using LambdaStreamer.OpenAI;
using LambdaStreamer.Relay;

namespace LambdaStreamer.Tests.OpenAI;

public class OpenAIErrorTests
{
    [Theory]
    [InlineData(Ending.BadRequest, 400, 400, "\"invalid_request_error\"", "null")]
    [InlineData(Ending.BadRequest, 401, 401, "\"authentication_error\"", "\"invalid_api_key\"")]
    [InlineData(Ending.BadRequest, 403, 403, "\"permission_error\"", "null")]
    [InlineData(Ending.BadRequest, 404, 404, "\"invalid_request_error\"", "null")]
    [InlineData(Ending.BadRequest, 405, 405, "\"invalid_request_error\"", "\"method_not_supported\"")]
    [InlineData(Ending.BadRequest, 413, 413, "\"invalid_request_error\"", "null")]
    [InlineData(Ending.Cancelled, 409, 400, "\"invalid_request_error\"", "\"cancelled\"")]
    [InlineData(Ending.ModelError, 422, 400, "\"invalid_request_error\"", "null")]
    [InlineData(Ending.ModelError, 424, 502, "\"server_error\"", "null")]
    [InlineData(Ending.EndpointThrottled, 429, 429, "\"rate_limit_exceeded\"", "\"rate_limit_exceeded\"")]
    [InlineData(Ending.ModelError, 500, 500, "\"server_error\"", "null")]
    [InlineData(Ending.EndpointFailed, 502, 502, "\"server_error\"", "null")]
    [InlineData(Ending.EndpointNotReady, 503, 503, "\"overloaded\"", "\"overloaded\"")]
    [InlineData(Ending.FirstTokenTimedOut, 504, 504, "\"server_error\"", "null")]
    public void Failure_HasStatusTypeAndCodeOfOpenAI(Ending ending, int status, int expectedStatus, string type, string code)
    {
        var error = OpenAIError.InTerms(new RelayError(ending, "Say \"why\".") { Status = status });
        Assert.Equal(expectedStatus, error.Status);
        Assert.Equal($$$"""{"error":{"message":"Say \"why\".","type":{{{type}}},"param":null,"code":{{{code}}}}}""", Written(error));
    }

    [Theory]
    [InlineData(422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2000 `inputs` tokens and 100 `max_new_tokens`")]
    [InlineData(422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500")]
    [InlineData(413, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens")]
    [InlineData(400, "This model's maximum context length is 4096 tokens.")]
    public void PromptThatIsTooLongForTheModel_HasItsOwnCode(int status, string message)
    {
        var error = OpenAIError.InTerms(new RelayError(Ending.ContainerRefused, message) { Status = status });
        Assert.Equal((400, "invalid_request_error", "context_length_exceeded"), (error.Status, error.Type, error.Code));
    }

    [Fact]
    public void ParamAndCodeThatAreTold_Stay()
    {
        var error = OpenAIError.InTerms(ModelList.NotFound);
        Assert.Equal(404, error.Status);
        Assert.Equal(
            """{"error":{"message":"The model does not exist; GET /v1/models lists the models of this function.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""",
            Written(error));
    }

    private static string Written(RelayError error)
    {
        using var output = new ByteBuffer();
        OpenAIError.Write(error, output);
        return Encoding.UTF8.GetString(output.Unread);
    }
}
