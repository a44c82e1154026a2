using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using LambdaStreamer.LocalHost.Models;
using Microsoft.AspNetCore.Http.Features;

namespace LambdaStreamer.LocalHost.SageMaker;

/// <summary>
/// Both invoke operations, from the bytes of a request to the bytes of its answer:
/// (1) read and record, (2) verify the signature, (3) see which fault applies, (4) find the endpoint, (5) ask its container, (6) answer.
/// </summary>
internal sealed class Invocations(SageMakerTwinOptions options, HttpClient upstream, CancellationToken stopping)
{
    /// <summary>The service model's limit on a body, in bytes.</summary>
    public const int MaxBodyLength = 6_291_456;

    private const int MaxRecords = 1000;
    private const string CustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";
    private const string FaultAttribute = "fault=";

    private readonly SignatureVerifier _signatures = new(options);
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentDictionary<string, int> _failuresByFault = new();
    private readonly IContainer? _replay = options.ReplayFile is { } file && !IsFrames(file) ? Replay.Load(options, file) : null;
    private readonly byte[]? _frames = options.ReplayFile is { } file && IsFrames(file) ? File.ReadAllBytes(file) : null;

    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public async Task InvokeAsync(HttpContext context, string endpoint, bool streams)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.Headers["x-amzn-requestid"] = Guid.NewGuid().ToString();
        RecordedRequest? record = null;
        try
        {
            // :: Step 1: Read and record.
            record = await ReadAsync(context, gone.Token);
            if (record is null)
            {
                await ServiceError.TooLarge(MaxBodyLength).WriteAsync(context.Response, gone.Token);
                return;
            }

            // :: Steps 2 to 6.
            record.Finish(await AnswerAsync(context, record, endpoint, streams, gone.Token));
        }
        catch (Exception) when (gone.IsCancellationRequested)
        {
            // Nobody is left to answer; a chunked body without its end tells a proxy so too.
            record?.Finish(stopping.IsCancellationRequested ? InvocationEnd.TwinStopped : InvocationEnd.ClientGone);
            context.Abort();
        }
        finally
        {
            // Whoever waits for the end gets one even if the twin itself fails.
            record?.Finish(InvocationEnd.Broken);
        }
    }

    private async Task<InvocationEnd> AnswerAsync(
        HttpContext context, RecordedRequest record, string endpoint, bool streams, CancellationToken cancellationToken)
    {
        // :: Step 2: Verify the signature.
        record.Signature = _signatures.Verify(record);
        if (!record.Signature.IsValid)
        {
            return await RefuseAsync(context, ServiceError.BadSignature(record.Signature), cancellationToken);
        }

        // :: Step 3: See which fault applies, and let it strike if it strikes before the stream.
        Fault fault;
        try
        {
            fault = Draw(record);
        }
        catch (FormatException noFault)
        {
            return await RefuseAsync(context, ServiceError.Validation(noFault.Message), cancellationToken);
        }

        if (fault.Kind is FaultKind.Drop)
        {
            context.Abort();
            return InvocationEnd.Broken;
        }

        if (fault.Kind is FaultKind.StallHeaders)
        {
            await Task.Delay(fault.Duration ?? Timeout.InfiniteTimeSpan, options.TimeProvider, cancellationToken);
        }

        if (ServiceError.Of(fault, endpoint, options.Region) is { } onDemand)
        {
            return await RefuseAsync(context, onDemand, cancellationToken);
        }

        // :: Step 4: Find the endpoint.
        var answersAnyEndpoint = _replay is not null || (_frames is not null && streams) || options.Upstream is not null;
        if (!TryFindModel(endpoint, out var model) && !answersAnyEndpoint)
        {
            return await RefuseAsync(context, ServiceError.UnknownEndpoint(endpoint), cancellationToken);
        }

        // :: Step 5: Ask its container, unless it is to fail or recorded frames stand for it.
        var container = _replay
            ?? (options.Upstream is { } address ? new UpstreamContainer(upstream, address) : model is null ? null : Serve(model));
        if (fault is { Kind: FaultKind.ModelError, ContainerStatus: not 0 and var status })
        {
            var error = ContainerError.OfStatus(status);
            var body = container is null ? error.Message : Encoding.UTF8.GetString(container.ErrorBody(error).Span);
            return await RefuseAsync(context, ServiceError.Model(status, body, endpoint, options.Region), cancellationToken);
        }

        if (_frames is not null && streams)
        {
            await StartStreamAsync(context, "text/event-stream", cancellationToken);
            await new PartWriter(context.Response, fault, cancellationToken).WriteRawAsync(_frames);
            return InvocationEnd.Answered;
        }

        var answer = await container!.InvokeAsync(
            new ContainerRequest(record.Headers.GetValueOrDefault("Content-Type"), record.Body), cancellationToken);
        if (answer.Status != StatusCodes.Status200OK)
        {
            var message = Encoding.UTF8.GetString((await CollectAsync(answer, cancellationToken)).Span);
            return await RefuseAsync(context, ServiceError.Model(answer.Status, message, endpoint, options.Region), cancellationToken);
        }

        // :: Step 6: Answer.
        if (streams)
        {
            await StartStreamAsync(context, answer.ContentType, cancellationToken);
            return await new StreamRelay(options, record, fault).RunAsync(context, answer, cancellationToken);
        }

        ReadOnlyMemory<byte> whole;
        try
        {
            whole = await CollectAsync(answer, cancellationToken);
        }
        catch (IOException broken)
        {
            return await RefuseAsync(context, ServiceError.Model(0, broken.Message, endpoint, options.Region), cancellationToken);
        }

        context.Response.ContentType = answer.ContentType;
        context.Response.Headers["x-Amzn-Invoked-Production-Variant"] = "AllTraffic";
        await context.Response.Body.WriteAsync(whole, cancellationToken);
        return InvocationEnd.Answered;
    }

    private IContainer Serve(JumpStartModel model)
    {
        var served = options.ServesWithVllm ? model with { Container = ContainerKind.Vllm, TgiVersion = null } : model;
        return served.Container switch
        {
            ContainerKind.Vllm => new VllmContainer(served, options),
            ContainerKind.Lmi => new LmiContainer(served, options),
            _ => new TgiContainer(served, options),
        };
    }

    private static bool IsFrames(string file) => Path.GetExtension(file) == Replay.FramesExtension;

    private static async Task<InvocationEnd> RefuseAsync(HttpContext context, ServiceError error, CancellationToken cancellationToken)
    {
        await error.WriteAsync(context.Response, cancellationToken);
        return InvocationEnd.Refused;
    }

    // The headers leave when the container has accepted the request, not when its first token comes.
    private static async Task StartStreamAsync(HttpContext context, string containerContentType, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/vnd.amazon.eventstream";
        context.Response.Headers["X-Amzn-SageMaker-Content-Type"] = containerContentType;
        context.Response.Headers["x-Amzn-Invoked-Production-Variant"] = "AllTraffic";
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> CollectAsync(ContainerResponse answer, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        await foreach (var piece in answer.Pieces.WithCancellation(cancellationToken))
        {
            body.Write(piece.Bytes.Span);
        }

        return body.WrittenMemory;
    }

    private async Task<RecordedRequest?> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, cancellationToken);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }

        var headers = context.Request.Headers.ToDictionary(
            header => header.Key, header => string.Join(',', header.Value.ToArray()), StringComparer.OrdinalIgnoreCase);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var record = new RecordedRequest(context.Request.Method, target, headers, body.ToArray());
        _requests.Enqueue(record);
        if (_requests.Count > MaxRecords)
        {
            _requests.TryDequeue(out _);
        }

        return record;
    }

    // A request's own fault comes before the twin's. Attributes are separated by semicolons because a fault has commas of its own.
    private Fault Draw(RecordedRequest record)
    {
        var attributes = record.Headers.GetValueOrDefault(CustomAttributes)?.Split(';', StringSplitOptions.TrimEntries) ?? [];
        var asked = attributes.FirstOrDefault(attribute => attribute.StartsWith(FaultAttribute, StringComparison.Ordinal));
        var fault = asked is not null ? Fault.Parse(asked[FaultAttribute.Length..]) : options.DefaultFault ?? Fault.None;
        if (fault.Times is not { } times)
        {
            return fault;
        }

        var failures = _failuresByFault.AddOrUpdate(fault.Text, 1, (_, count) => count + 1);
        return failures <= times ? fault : fault with { Kind = FaultKind.None };
    }

    private bool TryFindModel(string endpoint, out JumpStartModel? model) =>
        ModelCatalogue.TryFind(options.Endpoints.GetValueOrDefault(endpoint) ?? endpoint, out model)
        || ModelCatalogue.TryFind(options.DefaultModelId ?? "", out model);
}
