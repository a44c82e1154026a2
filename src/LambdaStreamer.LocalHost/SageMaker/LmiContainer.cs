using System.Runtime.CompilerServices;
using System.Text.Json;
using LambdaStreamer.LocalHost.Models;
using LambdaStreamer.LocalHost.SageMaker.OpenAI;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A container with DJL LMI and one of the models that it serves, at the pace the options ask for. The body decides: <c>inputs</c> is a
/// generate request, <c>messages</c> and <c>prompt</c> are OpenAI's forms, with vLLM's lengths when a request sets none (unconfirmed for
/// LMI). Nothing keeps its stream alive: JSON lines have no comments.
/// </summary>
internal sealed class LmiContainer(JumpStartModel model, SageMakerTwinOptions options) : IContainer
{
    private const string JsonLines = "application/jsonlines";
    private const string Json = "application/json";

    public async Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return OpenAIForm(request.Body) is { } answer
                ? await AnswerAsync(answer, cancellationToken)
                : await AnswerAsync(LmiRequest.Read(request.Body, model), cancellationToken);
        }
        catch (Exception refused) when (refused is LmiException or OpenAIException)
        {
            return ContainerResponse.Whole(
                StatusCodes.Status400BadRequest, Json, LmiWriter.Error(StatusCodes.Status400BadRequest, refused.Message));
        }
    }

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) => LmiWriter.Error(error.Status, error.Message);

    private async Task<ContainerResponse> AnswerAsync(LmiRequest read, CancellationToken cancellationToken)
    {
        var generation = Generation.Run(model, read.Inputs, read.MaxNewTokens, read.Stop);
        var writer = new LmiWriter(model, read, generation, read.Seed ?? (ulong)(uint)options.Seed);
        if (read.Stream)
        {
            var pieces = StreamAsync(writer.TokenLine, generation.Tokens.Count, end: null, cancellationToken);
            return new ContainerResponse(200, JsonLines, pieces)
            {
                ErrorPiece = static error => LmiWriter.ErrorLine(error.Status, error.Message),
            };
        }

        await Task.Delay(
            options.FirstTokenDelay + (options.TokenDelay * (generation.Tokens.Count - 1)), options.TimeProvider, cancellationToken);
        return ContainerResponse.Whole(200, Json, writer.Buffered());
    }

    private async Task<ContainerResponse> AnswerAsync(OpenAIAnswer answer, CancellationToken cancellationToken)
    {
        var writer = new LmiOpenAIWriter(answer);
        var tokens = answer.Tokens.Count;
        if (answer.Request.Stream)
        {
            ReadOnlyMemory<byte>? usage = answer.Request.IncludesUsage ? writer.UsageLine() : null;
            return new ContainerResponse(200, JsonLines, StreamAsync(writer.TokenLine, tokens, usage, cancellationToken))
            {
                ErrorPiece = static error => LmiWriter.ErrorLine(error.Status, error.Message),
            };
        }

        await Task.Delay(options.FirstTokenDelay + (options.TokenDelay * (tokens - 1)), options.TimeProvider, cancellationToken);
        return ContainerResponse.Whole(200, Json, writer.Buffered());
    }

    // Null when the body is a generate request, or nothing that can be read.
    private OpenAIAnswer? OpenAIForm(ReadOnlyMemory<byte> body)
    {
        OpenAIRequest request;
        try
        {
            using var json = JsonDocument.Parse(body);
            var members = new RequestMembers(json.RootElement);
            if (members["inputs"] is not null || (members["messages"] is null && members["prompt"] is null))
            {
                return null;
            }

            request = OpenAIRequest.Read(json.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }

        var prompt = request.Messages is not { } messages ? request.Question
            : ChatMarkup.HasOwnTemplate(model) ? ChatMarkup.Instructions(messages)
            : throw new OpenAIException(ChatMarkup.NoTemplate);
        var left = model.MaxTotalTokens - Tokenizer.InputLength(model, prompt);
        var wanted = request.MaxTokens ?? (request.IsChat ? Math.Max(1, left) : JumpStartModel.VllmDefaultMaxNewTokens);
        return wanted < 1 ? throw new OpenAIException("max_tokens must be a whole number above 0.")
            : wanted > left ? throw new OpenAIException(
                $"The prompt and max_tokens take {(long)model.MaxTotalTokens - left + wanted} tokens; at most {model.MaxTotalTokens} fit.")
            : OpenAIAnswer.Of(model, request, prompt, wanted, options);
    }

    private async IAsyncEnumerable<ContainerPiece> StreamAsync(
        Func<int, ReadOnlyMemory<byte>> tokenLine,
        int tokenCount,
        ReadOnlyMemory<byte>? end,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = 0; position < tokenCount; position++)
        {
            await Task.Delay(position == 0 ? options.FirstTokenDelay : options.TokenDelay, options.TimeProvider, cancellationToken);
            yield return new ContainerPiece(tokenLine(position), IsToken: true);
        }

        if (end is { } line)
        {
            yield return new ContainerPiece(line, IsToken: false);
        }
    }
}
