using System.Text;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>Relays one container's body as payload parts and lets the fault strike after the tokens it names.</summary>
internal sealed class StreamRelay(SageMakerTwinOptions options, RecordedRequest record, Fault fault)
{
    private const string TimeExceeded = "ModelInvocationTimeExceeded";

    public async Task<InvocationEnd> RunAsync(HttpContext context, ContainerResponse container, CancellationToken cancellationToken)
    {
        var parts = new PartWriter(context.Response, fault, cancellationToken);
        var tokens = 0;
        var pending = fault.Kind >= FaultKind.ModelStreamError;
        try
        {
            await foreach (var piece in container.Pieces.WithCancellation(cancellationToken))
            {
                if (pending && piece.IsToken && tokens == fault.AfterTokens)
                {
                    pending = false;
                    if (!await StrikeAsync(context, container, parts, cancellationToken))
                    {
                        return InvocationEnd.Broken;
                    }
                }

                await parts.WriteAsync(piece.Bytes);
                if (parts.TruncateNextFrame)
                {
                    await parts.FlushAsync();
                }

                if (parts.IsCut)
                {
                    return InvocationEnd.Broken;
                }

                if (piece.IsToken)
                {
                    tokens++;
                    record.CountToken();
                }
            }
        }
        catch (IOException broken) when (!cancellationToken.IsCancellationRequested)
        {
            // The upstream went away in the middle of its answer.
            await parts.FlushAsync();
            await parts.WriteExceptionAsync("ModelStreamError"u8, new()
            {
                ["Message"] = $"The stream from the model container broke: {broken.Message}",
                ["ErrorCode"] = "StreamBroken",
            });
            return InvocationEnd.Broken;
        }

        if (pending && tokens == fault.AfterTokens)
        {
            if (!await StrikeAsync(context, container, parts, cancellationToken))
            {
                return InvocationEnd.Broken;
            }

            if (parts.TruncateNextFrame || parts.DamageNextFrame)
            {
                // All tokens have left: an empty part is there to be spoilt.
                await parts.WriteEmptyPartAsync();
            }
        }

        await parts.FlushAsync();
        return parts.IsCut ? InvocationEnd.Broken : InvocationEnd.Answered;
    }

    /// <summary>Whether the stream goes on.</summary>
    private async Task<bool> StrikeAsync(
        HttpContext context, ContainerResponse container, PartWriter parts, CancellationToken cancellationToken)
    {
        await parts.FlushAsync();
        switch (fault.Kind)
        {
            case FaultKind.ModelStreamError:
                await parts.WriteExceptionAsync("ModelStreamError"u8, new()
                {
                    ["Message"] = (fault.Code ?? TimeExceeded) == TimeExceeded
                        ? "Your model primary did not complete sending the inference response in the allotted time."
                        : "The stream from the model container broke.",
                    ["ErrorCode"] = fault.Code ?? TimeExceeded,
                });
                return false;

            case FaultKind.InternalStreamFailure:
                await parts.WriteExceptionAsync("InternalStreamFailure"u8, new() { ["Message"] = "The stream processing failed." });
                return false;

            case FaultKind.ErrorFrame:
                await parts.WriteErrorAsync(Encoding.UTF8.GetBytes(fault.Code ?? "InternalError"), "An internal server error occurred."u8);
                return false;

            case FaultKind.TgiError:
                await parts.WriteAsync(container.ErrorPiece(ContainerError.OfType(fault.Code ?? "generation")));
                await parts.FlushAsync();
                return false;

            case FaultKind.Reset:
                context.Abort();
                return false;

            case FaultKind.End:
                return false;

            case FaultKind.Stall:
                await Task.Delay(fault.Duration ?? Timeout.InfiniteTimeSpan, options.TimeProvider, cancellationToken);
                return true;

            case FaultKind.Truncate:
                parts.TruncateNextFrame = true;
                return true;

            default:
                parts.DamageNextFrame = true;
                return true;
        }
    }
}
