using System.Runtime.CompilerServices;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// A container with DJL LMI and one of the models that it serves, at the pace the options ask for. Nothing keeps its stream alive: JSON
/// lines have no comments.
/// </summary>
internal sealed class LmiContainer(JumpStartModel model, SageMakerTwinOptions options) : IContainer
{
    private const string JsonLines = "application/jsonlines";
    private const string Json = "application/json";

    public async Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken)
    {
        LmiRequest read;
        try
        {
            read = LmiRequest.Read(request.Body, model);
        }
        catch (LmiException refused)
        {
            return ContainerResponse.Whole(
                StatusCodes.Status400BadRequest, Json, LmiWriter.Error(StatusCodes.Status400BadRequest, refused.Message));
        }

        var generation = Generation.Run(model, read.Inputs, read.MaxNewTokens, read.Stop);
        var writer = new LmiWriter(model, read, generation, read.Seed ?? (ulong)(uint)options.Seed);
        if (read.Stream)
        {
            return new ContainerResponse(200, JsonLines, StreamAsync(writer, generation.Tokens.Count, cancellationToken))
            {
                ErrorPiece = static error => LmiWriter.ErrorLine(error.Status, error.Message),
            };
        }

        await Task.Delay(
            options.FirstTokenDelay + (options.TokenDelay * (generation.Tokens.Count - 1)), options.TimeProvider, cancellationToken);
        return ContainerResponse.Whole(200, Json, writer.Buffered());
    }

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) => LmiWriter.Error(error.Status, error.Message);

    private async IAsyncEnumerable<ContainerPiece> StreamAsync(
        LmiWriter writer, int tokenCount, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = 0; position < tokenCount; position++)
        {
            await Task.Delay(position == 0 ? options.FirstTokenDelay : options.TokenDelay, options.TimeProvider, cancellationToken);
            yield return new ContainerPiece(writer.TokenLine(position), IsToken: true);
        }
    }
}
