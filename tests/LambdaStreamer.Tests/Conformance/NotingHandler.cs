namespace LambdaStreamer.Tests.Conformance;

/// <summary>Below a .NET client: asks the twin for the cell's fault and notes the answers.</summary>
internal sealed class NotingHandler() : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
{
    public string? Fault { get; set; }

    public int Requests { get; set; }

    public string RequestId { get; private set; } = "";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Fault is not null)
        {
            request.Headers.Add("X-Amzn-SageMaker-Custom-Attributes", $"fault={Fault}");
        }

        var response = await base.SendAsync(request, cancellationToken);
        Requests++;
        RequestId = response.Headers.TryGetValues("x-request-id", out var values) ? values.First() : "";
        return response;
    }
}
