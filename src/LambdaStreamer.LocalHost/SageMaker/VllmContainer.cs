using System.Runtime.CompilerServices;
using System.Text.Json;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A container with vLLM's own server, at the pace the options ask for. Its <c>/invocations</c> takes OpenAI's chat and completions and no
/// <c>inputs</c>. Nothing keeps its stream alive.
/// </summary>
internal sealed class VllmContainer(JumpStartModel model, SageMakerTwinOptions options) : IContainer
{
    private const string EventStream = "text/event-stream; charset=utf-8";
    private const string Json = "application/json";

    public async Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken)
    {
        OpenAIAnswer answer;
        try
        {
            answer = Answer(request.Body);
        }
        catch (OpenAIException refused)
        {
            return ContainerResponse.Whole(refused.Status, Json, VllmWriter.Error(refused.Message, refused.Status, refused.Param));
        }

        var writer = new VllmWriter(answer);
        if (answer.Request.Stream)
        {
            return new ContainerResponse(200, EventStream, StreamAsync(writer, answer, cancellationToken))
            {
                ErrorPiece = static error => VllmWriter.ErrorEvent(error.Message, StatusOf(error)),
            };
        }

        await Task.Delay(
            options.FirstTokenDelay + (options.TokenDelay * (answer.CompletionTokens - 1)), options.TimeProvider, cancellationToken);
        return ContainerResponse.Whole(200, Json, writer.Buffered());
    }

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) => VllmWriter.Error(error.Message, error.Status, param: null);

    // 424 is TGI's and LMI's status for a failed generation; vLLM answers it with 500.
    private static int StatusOf(ContainerError error) =>
        error.Status == StatusCodes.Status424FailedDependency ? StatusCodes.Status500InternalServerError : error.Status;

    private OpenAIAnswer Answer(ReadOnlyMemory<byte> body)
    {
        OpenAIRequest request;
        try
        {
            using var json = JsonDocument.Parse(body);
            var members = new RequestMembers(json.RootElement);
            request = members["messages"] is not null || members["prompt"] is not null
                ? OpenAIRequest.Read(json.RootElement)
                : throw new OpenAIException(
                    "Cannot find suitable handler for request. Expected one of: ['ChatCompletionRequest', 'CompletionRequest']");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The latter comes from strings that are no UTF-8, or hold half a surrogate pair.
            throw new OpenAIException($"JSON decode error: {malformed.Message}");
        }

        if (request.Model is { } name && name != OpenAIJson.ModelName && name != model.Id)
        {
            throw new OpenAIException($"The model `{name}` does not exist.", "model") { Status = StatusCodes.Status404NotFound };
        }

        var prompt = request.Messages is not { } messages ? request.Question
            : ChatMarkup.FollowsInstructions(model) ? ChatMarkup.ChatMl(messages)
            : throw new OpenAIException(ChatMarkup.NoTemplate);
        return OpenAIAnswer.Of(model, request, prompt, MaxTokens(request, prompt), options);
    }

    private int MaxTokens(OpenAIRequest request, string prompt)
    {
        var input = Tokenizer.InputLength(model, prompt);
        var wanted = request.MaxTokens ?? (request.IsChat ? Math.Max(1, model.MaxTotalTokens - input) : model.DefaultMaxNewTokens);
        if (wanted < 1)
        {
            throw new OpenAIException($"max_tokens must be at least 1, got {wanted}.", "max_tokens");
        }

        return (long)input + wanted <= model.MaxTotalTokens ? wanted : throw new OpenAIException(
            $"This model's maximum context length is {model.MaxTotalTokens} tokens. However, you requested {(long)input + wanted} tokens "
            + $"({input} in the messages, {wanted} in the completion). Please reduce the length of the messages or completion.");
    }

    private async IAsyncEnumerable<ContainerPiece> StreamAsync(
        VllmWriter writer, OpenAIAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(options.FirstTokenDelay, options.TimeProvider, cancellationToken);
        if (answer.Request.IsChat)
        {
            yield return new ContainerPiece(writer.Role(), IsToken: false);
        }

        for (var position = 0; position < answer.CompletionTokens; position++)
        {
            if (position > 0)
            {
                await Task.Delay(options.TokenDelay, options.TimeProvider, cancellationToken);
            }

            yield return new ContainerPiece(writer.Token(position), IsToken: true);
        }

        if (answer.Request.IncludesUsage)
        {
            yield return new ContainerPiece(writer.UsageChunk(), IsToken: false);
        }

        yield return new ContainerPiece(VllmWriter.Done, IsToken: false);
    }
}
