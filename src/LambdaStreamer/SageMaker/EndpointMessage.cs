namespace LambdaStreamer.SageMaker;

/// <summary>
/// One HTTP request to an endpoint: the headers of InvokeEndpointWithResponseStream (sagemaker-runtime, 2017-05-13), signed.
/// </summary>
internal sealed class EndpointMessage : HttpRequestMessage
{
    private const string UserAgent = "LambdaStreamer";

    private readonly EndpointBody _body;

    private EndpointMessage(Uri address, EndpointBody body)
        : base(HttpMethod.Post, address)
    {
        _body = body;
        Content = body;
    }

    /// <summary>Set when a connection was opened for this message; one that came from the pool may have died there.</summary>
    public bool OpenedConnection { get; set; }

    /// <inheritdoc cref="EndpointBody.SinceConnected"/>
    public TimeSpan? SinceConnected => _body.SinceConnected;

    /// <summary>Where an endpoint is invoked, under the runtime's own address.</summary>
    public static Uri AddressOf(Uri runtime, string endpointName) =>
        new($"{runtime.GetLeftPart(UriPartial.Path).TrimEnd('/')}/endpoints/{endpointName}/invocations-response-stream");

    /// <summary>
    /// A request that was checked becomes a message that can be sent once; <paramref name="connected"/> is called when it has a connection.
    /// </summary>
    public static EndpointMessage Create(
        EndpointRequest request,
        Uri address,
        AttemptNumber number,
        SigV4Signer signer,
        AwsCredentials credentials,
        DateTimeOffset moment,
        TimeProvider timeProvider,
        Action connected)
    {
        var headers = new List<KeyValuePair<string, string>>(16)
        {
            new("host", address.Authority),
            new(EndpointHeaders.ContentType, request.ContentType),
        };
        Add(headers, EndpointHeaders.InferenceComponent, request.InferenceComponentName);
        Add(headers, EndpointHeaders.TargetVariant, request.TargetVariant);
        Add(headers, EndpointHeaders.CustomAttributes, request.CustomAttributes);
        Add(headers, EndpointHeaders.SessionId, request.SessionId);
        Add(headers, EndpointHeaders.InferenceId, request.InferenceId);
        signer.Sign(headers, "POST", address.AbsolutePath, query: "", request.Body.Span, credentials, moment);

        // Not signed, as in the SDKs: they tell about the request and are not part of it, and what lies between may add to them.
        headers.Add(new("amz-sdk-invocation-id", number.CallId));
        headers.Add(new("amz-sdk-request", number.ToString()));
        headers.Add(new("user-agent", UserAgent));
        Add(headers, "x-amzn-trace-id", request.SendableTraceId);

        var message = new EndpointMessage(address, new EndpointBody(request.Body, timeProvider, connected));
        foreach (var (name, value) in headers)
        {
            switch (name)
            {
                case "host":
                    // HttpClient derives the same from the address; set by hand it would choose another pool than ConnectAsync's.
                    break;
                case EndpointHeaders.ContentType:
                    message.Content!.Headers.TryAddWithoutValidation(name, value);
                    break;
                default:
                    message.Headers.TryAddWithoutValidation(name, value);
                    break;
            }
        }

        return message;
    }

    private static void Add(List<KeyValuePair<string, string>> headers, string name, string? value)
    {
        if (value is not null)
        {
            headers.Add(new(name, value));
        }
    }
}
