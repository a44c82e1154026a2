using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;

namespace LambdaStreamer.LocalHost.CommandLine;

/// <summary>
/// The container-credentials endpoint (<c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c>) for a function that calls a real endpoint: hands on what
/// AWSSDK.Core resolves on this machine (profiles, IAM Identity Center, roles); what expires is refreshed when the function asks again.
/// </summary>
internal sealed class CredentialsServer : IAsyncDisposable
{
    private const string Path = "/2021-04-23/credentials";

    /// <summary>Told for credentials that have no end of their own: the protocol wants one, and the function asks again then.</summary>
    private static readonly TimeSpan StaticLifetime = TimeSpan.FromHours(1);

    private readonly WebApplication _app;

    private CredentialsServer(WebApplication app, string token)
    {
        _app = app;
        Token = token;
    }

    public string Url => _app.Urls.First() + Path;

    /// <summary>What a caller must send as <c>Authorization</c>; other users of this machine must not get these credentials.</summary>
    public string Token { get; }

    public static async Task<CredentialsServer> StartAsync(AWSCredentials credentials, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new CredentialsServer(app, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        app.MapGet(Path, context => server.AnswerAsync(context, credentials));
        await app.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, AWSCredentials credentials)
    {
        if (context.Request.Headers.Authorization != Token)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var keys = await credentials.GetCredentialsAsync();
        var expiration = credentials.Expiration ?? DateTime.UtcNow + StaticLifetime;
        await context.Response.WriteAsJsonAsync(
            new
            {
                AccessKeyId = keys.AccessKey,
                SecretAccessKey = keys.SecretKey,
                keys.Token,
                Expiration = expiration.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
            System.Text.Json.JsonSerializerOptions.Default,
            context.RequestAborted);
    }
}
