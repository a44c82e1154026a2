using System.Runtime.CompilerServices;
using System.Text;
using LambdaStreamer.LocalHost.Models;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>A container with Text Generation Inference and one of the models that it serves, at the pace the options ask for.</summary>
internal sealed class TgiContainer(JumpStartModel model, SageMakerTwinOptions options) : IContainer
{
    private const string EventStream = "text/event-stream";
    private const string Json = "application/json";

    // axum's default: after so much silence a comment is sent.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    private readonly Version _version = model.TgiVersion ?? throw new ArgumentException($"{model.Id} has no TGI.", nameof(model));

    public async Task<ContainerResponse> InvokeAsync(ContainerRequest request, CancellationToken cancellationToken)
    {
        TgiRequest? read = null;
        try
        {
            read = TgiRequest.Read(request, _version);
            read.Validate(model);
        }
        catch (TgiException refused) when (refused.ErrorType is null)
        {
            return ContainerResponse.Whole(refused.Status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(refused.Message));
        }
        catch (TgiException refused) when (read is { Stream: true })
        {
            // The stream was accepted before the request was looked at: its status is 200.
            return ContainerResponse.Whole(200, EventStream, ErrorPiece(read, refused.Message, refused.ErrorType!));
        }
        catch (TgiException refused)
        {
            return ContainerResponse.Whole(refused.Status, Json, TgiWriter.Error(refused.Message, refused.ErrorType!));
        }

        var generation = Generation.Run(model, read.Inputs, (int)read.Parameters.MaxNewTokens, read.Parameters.Stop);
        var writer = new TgiWriter(model, _version, read, generation, read.Parameters.Seed ?? (ulong)(uint)options.Seed);
        var completions = new TgiCompletionsWriter(model, _version, read, generation);
        if (read.Stream)
        {
            Func<int, ReadOnlyMemory<byte>> tokenEvent = read.IsCompletions ? completions.TokenEvent : writer.TokenEvent;
            var pieces = StreamAsync(tokenEvent, generation.Tokens.Count, read.IsCompletions, cancellationToken);
            return new ContainerResponse(200, EventStream, pieces)
            {
                ErrorPiece = error => ErrorPiece(read, error.Message, error.Type),
            };
        }

        await Task.Delay(
            options.FirstTokenDelay + (options.TokenDelay * (generation.Tokens.Count - 1)), options.TimeProvider, cancellationToken);
        return ContainerResponse.Whole(200, Json, read.IsCompletions ? completions.Buffered() : writer.Buffered());
    }

    public ReadOnlyMemory<byte> ErrorBody(ContainerError error) => TgiWriter.Error(error.Message, error.Type);

    // A stream of completions has its end marker after an error too.
    private ReadOnlyMemory<byte> ErrorPiece(TgiRequest read, string message, string errorType)
    {
        var error = TgiWriter.ErrorEvent(_version, message, errorType);
        return read.IsCompletions ? (byte[])[.. error.Span, .. TgiCompletionsWriter.Done.Span] : error;
    }

    private async IAsyncEnumerable<ContainerPiece> StreamAsync(
        Func<int, ReadOnlyMemory<byte>> tokenEvent,
        int tokenCount,
        bool endsWithMarker,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = 0; position < tokenCount; position++)
        {
            var silence = position == 0 ? options.FirstTokenDelay : options.TokenDelay;
            for (; silence > KeepAliveInterval; silence -= KeepAliveInterval)
            {
                await Task.Delay(KeepAliveInterval, options.TimeProvider, cancellationToken);
                yield return new ContainerPiece(TgiWriter.KeepAlive, IsToken: false);
            }

            await Task.Delay(silence, options.TimeProvider, cancellationToken);
            yield return new ContainerPiece(tokenEvent(position), IsToken: true);
        }

        if (endsWithMarker)
        {
            yield return new ContainerPiece(TgiCompletionsWriter.Done, IsToken: false);
        }
    }
}
