using System.Globalization;
using System.Text;
using LambdaStreamer.LocalHost.SageMaker;

namespace LambdaStreamer.Tests.LocalHost.SageMaker;

/// <summary>A signed invocation of the twin; each member can be made wrong to see what the twin says.</summary>
internal sealed record TwinCall
{
    public const string AccessKeyId = "AKIDEXAMPLE";
    public const string SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string SessionToken = "session/token+==";

    public static SageMakerTwinOptions Options { get; } = new()
    {
        AccessKeyId = AccessKeyId,
        SecretAccessKey = SecretAccessKey,
        SessionToken = SessionToken,
        Seed = 1,
    };

    public string Endpoint { get; init; } = "huggingface-llm-falcon-7b-instruct-bf16";

    public bool Streams { get; init; } = true;

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; } = "application/json";

    public string? Fault { get; init; }

    public string SignedWith { get; init; } = SecretAccessKey;

    public string KeyId { get; init; } = AccessKeyId;

    public string? Token { get; init; } = SessionToken;

    public string Region { get; init; } = "us-east-1";

    public string Service { get; init; } = "sagemaker";

    public DateTimeOffset? SignedAt { get; init; }

    public bool IsSigned { get; init; } = true;

    /// <summary>Sent instead of <see cref="Body"/> after signing that.</summary>
    public byte[]? SwappedBody { get; init; }

    /// <summary>Content-Length that is not the body's.</summary>
    public int? DeclaredLength { get; init; }

    /// <summary>Starts a twin that trusts these tests.</summary>
    public static Task<SageMakerTwin> StartTwinAsync(Func<SageMakerTwinOptions, SageMakerTwinOptions>? change = null) =>
        SageMakerTwin.StartAsync(change?.Invoke(Options) ?? Options, TestContext.Current.CancellationToken);

    public static TwinCall Json(string json) => new() { Body = Encoding.UTF8.GetBytes(json) };

    public async Task<WireResponse> SendAsync(SageMakerTwin twin)
    {
        await using var connection = await OpenAsync(twin);
        return await connection.ReadToEndAsync();
    }

    public async Task<WireConnection> OpenAsync(SageMakerTwin twin)
    {
        var path = $"/endpoints/{Endpoint}/{(Streams ? "invocations-response-stream" : "invocations")}";
        var signedAt = SignedAt ?? DateTimeOffset.UtcNow;
        var headers = new Dictionary<string, string>
        {
            ["Host"] = twin.Url.Authority,
            ["X-Amz-Date"] = signedAt.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
        };
        AddUnlessNull("Content-Type", ContentType);
        AddUnlessNull("X-Amz-Security-Token", Token);
        AddUnlessNull("X-Amzn-SageMaker-Custom-Attributes", Fault is null ? null : $"fault={Fault}");
        if (IsSigned)
        {
            headers["Authorization"] = SigV4.Authorization(KeyId, SignedWith, Region, Service, signedAt, path, headers, Body.Span);
        }

        var body = SwappedBody ?? Body;
        return await WireConnection.PostAsync(
            twin.Url, path, headers, body, DeclaredLength ?? body.Length, TestContext.Current.CancellationToken);

        void AddUnlessNull(string name, string? value)
        {
            if (value is not null)
            {
                headers[name] = value;
            }
        }
    }
}
